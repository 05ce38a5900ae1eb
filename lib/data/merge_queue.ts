/**
 * A priority queue of pairs of token ids: the highest count first, among equal counts the smallest
 * pair. A pair's old entries stay in it when its count changes; whoever takes one out compares.
 */
export class MergeQueue {
  readonly #counts: number[] = [];
  readonly #pairs: number[] = [];

  push(pair: number, count: number): void {
    let at = this.#pairs.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#precedes(count, pair, parent)) break;
      this.#set(at, this.#pairs[parent], this.#counts[parent]);
      at = parent;
    }
    this.#set(at, pair, count);
  }

  pop(): { pair: number; count: number } | undefined {
    const pair = this.#pairs[0];
    const count = this.#counts[0];
    const lastPair = this.#pairs.pop();
    const lastCount = this.#counts.pop();
    if (lastPair === undefined || lastCount === undefined) return undefined;
    const length = this.#pairs.length;
    if (length > 0) {
      let at = 0;
      while (2 * at + 1 < length) {
        let child = 2 * at + 1;
        if (
          child + 1 < length &&
          this.#precedes(this.#counts[child + 1], this.#pairs[child + 1], child)
        ) child++;
        if (this.#precedes(lastCount, lastPair, child)) break;
        this.#set(at, this.#pairs[child], this.#counts[child]);
        at = child;
      }
      this.#set(at, lastPair, lastCount);
    }
    return { pair, count };
  }

  #set(at: number, pair: number, count: number): void {
    this.#pairs[at] = pair;
    this.#counts[at] = count;
  }

  #precedes(count: number, pair: number, at: number): boolean {
    return count > this.#counts[at] || (count === this.#counts[at] && pair < this.#pairs[at]);
  }
}
