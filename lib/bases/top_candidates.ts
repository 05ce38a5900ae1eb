/** The largest of some logits. */
export interface Top {
  /** Their places, largest first; of equal ones the lower place comes first, as in ONNX's TopK. */
  readonly places: readonly number[];
  readonly logits: readonly number[];
}

/**
 * The `k` largest of a row of logits, without sorting or copying the rest: one comparison for nearly every token of
 * a large vocabulary.
 *
 * @param k from 1 to the number of logits. NaN is never among the largest, unless there is too little else.
 */
export function topCandidates(row: Float32Array, k: number): Top {
  // A binary heap of places whose root is the least of the best: later places lose against equal ones.
  const heap: number[] = [];
  const value = (place: number) => Number.isNaN(row[place]) ? -Infinity : row[place];
  const worse = (a: number, b: number) => value(a) < value(b) || (value(a) === value(b) && a > b);
  const sink = (from: number) => {
    for (let i = from;;) {
      const [left, right] = [2 * i + 1, 2 * i + 2];
      let least = i;
      if (left < heap.length && worse(heap[left], heap[least])) least = left;
      if (right < heap.length && worse(heap[right], heap[least])) least = right;
      if (least === i) return;
      [heap[i], heap[least]] = [heap[least], heap[i]];
      i = least;
    }
  };
  for (let place = 0; place < k; place++) heap.push(place);
  for (let i = k >> 1; i-- > 0;) sink(i);
  for (let place = k; (place = nextAbove(row, place, value(heap[0]))) < row.length; place++) {
    heap[0] = place;
    sink(0);
  }
  const places = heap.sort((a, b) => worse(a, b) ? 1 : -1);
  return { places, logits: places.map((place) => row[place]) };
}

/** The first place from `start` on with more than `bar`: a loop of its own, which nearly all the time goes into. */
function nextAbove(row: Float32Array, start: number, bar: number): number {
  let place = start;
  while (place < row.length && !(row[place] > bar)) place++;
  return place;
}
