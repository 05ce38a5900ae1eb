import type { CacheShape, Part } from "./part.ts";

/** What was carried at some place of a text, by the names of `Part.running`. */
export type Carried = Readonly<Record<string, Float32Array>>;

/** Keys and values of one more stretch of tokens of a text in a batch, `[batch, heads, time, size]` a cache. */
export interface Stretch {
  readonly tokens: readonly number[];
  /** In the order of `Part.caches`, keys and values in turn. */
  readonly caches: readonly Float32Array[];
  /** Which text of the batch it is. */
  readonly row: number;
  readonly carried: Carried;
}

/** Columns that a buffer has room for, at least. */
const leastRoom = 32;

/** Keys and values of a text: `[heads, room, size]` a cache, of which `written` columns are filled. */
interface Buffer {
  readonly caches: readonly Float32Array[];
  readonly room: number;
  written: number;
}

/**
 * The beginning of a text that a part has read: its tokens, and what the part carries of them. It never changes, so texts
 * that begin alike share it; what is read behind it is written into the same memory by the first of them, and into a copy
 * by others.
 */
export class ReadText {
  readonly tokens: readonly number[];
  readonly #part: Part;
  readonly #buffer: Buffer | undefined;
  /** What was carried at those places that runs ended at; nothing at the text's beginning. */
  readonly #carried: ReadonlyMap<number, Carried>;

  private constructor(
    part: Part,
    tokens: readonly number[],
    buffer: Buffer | undefined,
    carried: ReadonlyMap<number, Carried>,
  ) {
    this.#part = part;
    this.tokens = tokens;
    this.#buffer = buffer;
    this.#carried = carried;
  }

  /** Nothing was read. */
  static begin(part: Part): ReadText {
    return new ReadText(part, [], undefined, new Map());
  }

  /** How many of some tokens were read, so that reading goes on with the next: not all, since the last has to be read. */
  commonWith(tokens: readonly number[]): number {
    const most = Math.max(0, Math.min(this.tokens.length, tokens.length - 1));
    let common = 0;
    while (common < most && this.tokens[common] === tokens[common]) common++;
    if (this.#part.running.length === 0) return common;
    while (common > 0 && !this.#carried.has(common)) common--;
    return common;
  }

  /** What was carried after the first `length` tokens; undefined where nothing is. */
  carriedAt(length: number): Carried | undefined {
    return this.#carried.get(length);
  }

  /**
   * Copies the first `length` columns of a cache, head by head, to the end of `columns` columns of a text in a batch.
   *
   * @param to `[batch, heads, columns, size]`.
   */
  copyTo(cache: number, length: number, to: Float32Array, row: number, columns: number): void {
    if (length === 0) return;
    const { caches, room } = this.#buffer!;
    const { heads, size } = this.#shapeOf(cache);
    for (let head = 0; head < heads; head++) {
      const from = caches[cache].subarray(head * room * size, (head * room + length) * size);
      to.set(from, ((row * heads + head + 1) * columns - length) * size);
    }
  }

  /** The first `length` of these tokens with a stretch behind them. */
  with(length: number, { tokens, caches, row, carried }: Stretch): ReadText {
    const end = length + tokens.length;
    const buffer = this.#roomFor(length, end);
    caches.forEach((from, cache) => {
      const { heads, size } = this.#shapeOf(cache);
      const count = tokens.length * size;
      for (let head = 0; head < heads; head++) {
        const start = (row * heads + head) * count;
        buffer.caches[cache].set(
          from.subarray(start, start + count),
          (head * buffer.room + length) * size,
        );
      }
    });
    buffer.written = end;
    const known = [...this.#carried].filter(([place]) => place <= length);
    return new ReadText(
      this.#part,
      [...this.tokens.slice(0, length), ...tokens],
      buffer,
      this.#part.running.length === 0 ? new Map() : new Map([...known, [end, carried]]),
    );
  }

  /** A buffer that holds the first `length` columns and nothing that is in use behind them. */
  #roomFor(length: number, end: number): Buffer {
    const old = this.#buffer;
    if (old && old.written === length && end <= old.room) return old;
    const room = Math.max(leastRoom, 2 * end);
    const caches = Array.from({ length: 2 * this.#part.caches.length }, (_, cache) => {
      const { heads, size } = this.#shapeOf(cache);
      const values = new Float32Array(heads * room * size);
      for (let head = 0; old && head < heads; head++) {
        const from = head * old.room * size;
        values.set(old.caches[cache].subarray(from, from + length * size), head * room * size);
      }
      return values;
    });
    return { caches, room, written: length };
  }

  #shapeOf(cache: number): CacheShape {
    return this.#part.caches[cache >> 1];
  }
}
