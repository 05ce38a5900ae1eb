/** Counts of whole numbers: exact, and no larger than the number of different ones. */
export class Counts {
  readonly #counts = new Map<number, number>();
  #total = 0;

  add(value: number): void {
    this.#counts.set(value, (this.#counts.get(value) ?? 0) + 1);
    this.#total++;
  }

  /** How many values were added. */
  get total(): number {
    return this.#total;
  }

  /** Their sum. */
  get sum(): number {
    let sum = 0;
    for (const [value, count] of this.#counts) sum += value * count;
    return sum;
  }

  /** The least value that at least this share of all values does not exceed; NaN if there is none. */
  quantile(share: number): number {
    const wanted = Math.max(1, Math.ceil(share * this.#total));
    let seen = 0;
    for (const [value, count] of this.#sorted()) {
      seen += count;
      if (seen >= wanted) return value;
    }
    return NaN;
  }

  /**
   * How many values are in each of the ranges 0, 1, 2, 3–4, 5–8, 9–16 …, each up to twice as far as the one before;
   * ranges at either end that are empty are left out.
   */
  doublingBins(): Bin[] {
    const bins: Bin[] = [];
    for (const [value, count] of this.#sorted()) {
      while (bins.length === 0 || value > bins[bins.length - 1].to) {
        const last = bins[bins.length - 1];
        bins.push(last === undefined ? binOf(value) : binOf(last.to + 1));
      }
      bins[bins.length - 1].count += count;
    }
    return bins;
  }

  #sorted(): [value: number, count: number][] {
    return [...this.#counts].sort(([a], [b]) => a - b);
  }
}

/** How many values lie from `from` to `to`, both included. */
export interface Bin {
  from: number;
  to: number;
  count: number;
}

function binOf(value: number): Bin {
  if (value <= 2) return { from: value, to: value, count: 0 };
  const to = 2 ** Math.ceil(Math.log2(value));
  return { from: to / 2 + 1, to, count: 0 };
}

/** How shares in [0, 1] are distributed. */
export class ShareCounts {
  /** Tenths: [0, 0.1), [0.1, 0.2) …, [0.9, 1]. */
  readonly tenths: number[] = Array(10).fill(0);
  /** Values that are exactly 0, and exactly 1. */
  zeros = 0;
  ones = 0;
  /** Values of at least 0.5. */
  high = 0;
  missing = 0;
  #sum = 0;
  #count = 0;

  /** @param value NaN where it is missing. */
  add(value: number): void {
    if (Number.isNaN(value)) {
      this.missing++;
      return;
    }
    // nine tenths as 0.9 · 10 is 9 exactly, but 0.7 · 10 is 7.000000000000001 and 0.29 · 100 is below 29
    this.tenths[Math.min(9, Math.floor(value * 10 + 1e-9))]++;
    if (value === 0) this.zeros++;
    if (value === 1) this.ones++;
    if (value >= 0.5) this.high++;
    this.#sum += value;
    this.#count++;
  }

  /** How many are not missing. */
  get count(): number {
    return this.#count;
  }

  /** The mean of those that are not missing. */
  get mean(): number {
    return this.#sum / this.#count;
  }
}
