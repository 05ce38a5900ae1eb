import { next } from "../runtime/state.ts";
import { floats, free, integers, type Value } from "../runtime/value.ts";
import type { BufferPool } from "./buffer_pool.ts";
import type { Cache } from "./cache.ts";
import type { CacheShape } from "./part.ts";
import { partNames } from "./part_graph.ts";

/** Room is made for so many columns at a time. */
const block = 16;

/**
 * A cache in memory: buffers `[rows, heads, room, size]` that graphs read as they are. New columns are written behind
 * the old ones, so that a step moves the step's own keys and values and nothing else.
 */
export class SettledCache implements Cache {
  readonly #shapes: readonly CacheShape[];
  readonly #names: readonly string[];
  readonly #freshNames: readonly string[];
  readonly #lengthName: string;
  /** Whether the graph also takes fresh columns; there are none between runs. */
  readonly #withFresh: boolean;
  readonly #pool: BufferPool;
  #buffers: Float32Array[];
  #rows: number;
  #room = 0;
  columns = 0;

  constructor(
    shapes: readonly CacheShape[],
    part: string,
    rows: number,
    { withFresh, pool }: { withFresh: boolean; pool: BufferPool },
  ) {
    this.#shapes = shapes;
    this.#names = partNames.settled(part, shapes.length);
    this.#freshNames = partNames.fresh(part, shapes.length);
    this.#lengthName = partNames.length(part);
    this.#withFresh = withFresh;
    this.#pool = pool;
    this.#buffers = this.#names.map(() => new Float32Array(0));
    this.#rows = rows;
    this.#makeRoom(1);
  }

  feeds(): Record<string, Value> {
    const feeds: Record<string, Value> = { [this.#lengthName]: integers([1], [this.columns]) };
    this.#buffers.forEach((buffer, i) => {
      const { heads, size } = this.#shapes[i >> 1];
      feeds[this.#names[i]] = floats([this.#rows, heads, this.#room, size], buffer);
      if (this.#withFresh) {
        feeds[this.#freshNames[i]] = floats([this.#rows, heads, 0, size], new Float32Array(0));
      }
    });
    return feeds;
  }

  take(outputs: Readonly<Record<string, Value>>, count: number): void {
    this.#makeRoom(this.columns + count);
    this.#buffers.forEach((buffer, i) => {
      const { size } = this.#shapes[i >> 1];
      const output = outputs[next(this.#freshNames[i])];
      const added = output.data as Float32Array;
      const length = count * size;
      const stride = this.#room * size;
      let to = this.columns * size;
      for (let from = 0; from < added.length; from += length, to += stride) {
        buffer.set(added.subarray(from, from + length), to);
      }
      free(output);
    });
    this.columns += count;
  }

  select(rows: readonly number[]): Promise<void> {
    const shrinks = rows.every((row, i) => i === 0 ? row >= 0 : row > rows[i - 1]);
    this.#buffers.forEach((buffer, i) => {
      const length = this.#lengthOf(i);
      const selected = shrinks ? buffer : this.#pool.take(rows.length * length);
      rows.forEach((row, to) => {
        if (shrinks) buffer.copyWithin(to * length, row * length, (row + 1) * length);
        else selected.set(buffer.subarray(row * length, (row + 1) * length), to * length);
      });
      // an old buffer is given back only when nothing refers to it any more
      this.#buffers[i] = selected.subarray(0, rows.length * length);
      if (!shrinks) this.#pool.give(buffer);
    });
    this.#rows = rows.length;
    return Promise.resolve();
  }

  /** Numbers in a row of a buffer. */
  #lengthOf(buffer: number): number {
    const { heads, size } = this.#shapes[buffer >> 1];
    return heads * this.#room * size;
  }

  #makeRoom(columns: number): void {
    if (columns <= this.#room) return;
    const room = Math.ceil(columns / block) * block;
    this.#buffers.forEach((buffer, i) => {
      const { heads, size } = this.#shapes[i >> 1];
      const larger = this.#pool.take(this.#rows * heads * room * size);
      const [from, to] = [this.#room * size, room * size];
      for (let stretch = 0; from > 0 && stretch < this.#rows * heads; stretch++) {
        larger.set(buffer.subarray(stretch * from, (stretch + 1) * from), stretch * to);
      }
      this.#buffers[i] = larger;
      this.#pool.give(buffer);
    });
    this.#room = room;
  }

  [Symbol.dispose](): void {
    for (const buffer of this.#buffers) this.#pool.give(buffer);
    this.#buffers = [];
  }
}
