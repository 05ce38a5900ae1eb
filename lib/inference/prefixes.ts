import { floats, integers, type Value } from "../runtime/value.ts";

/**
 * The token prefixes of a batch, as far as a cached model has to know them: how long each is, and how many
 * columns of padding stand before it. Rows may have different lengths; padding is on the left, out of
 * sight of attention and not counted by positions.
 */
export class Prefixes {
  /** Columns of padding before each row. */
  readonly padding: readonly number[];
  /** Columns so far, padding included; the same for all rows. */
  columns: number;

  private constructor(padding: readonly number[], columns: number) {
    this.padding = padding;
    this.columns = columns;
  }

  /** Left-pads prompts; one column at least, so that empty prompts have a place that nobody sees. */
  static of(prompts: readonly (readonly number[])[]): Prefixes {
    const columns = prompts.reduce((most, { length }) => Math.max(most, length), 1);
    return new Prefixes(prompts.map(({ length }) => columns - length), columns);
  }

  get rows(): number {
    return this.padding.length;
  }

  /** 1 for every real token and `more` columns after them, 0 for padding: `[rows, columns + more]`. */
  mask(more = 0): Value {
    const columns = this.columns + more;
    const mask = new Float32Array(this.rows * columns).fill(1);
    this.padding.forEach((padding, row) => mask.fill(0, row * columns, row * columns + padding));
    return floats([this.rows, columns], mask);
  }

  /** The positions of the prompts' tokens, `[rows, columns]`; padding gets 0. */
  positions(): Value {
    const { columns, padding } = this;
    return integers(
      [this.rows, columns],
      Float64Array.from(
        { length: this.rows * columns },
        (_, i) => Math.max(0, i % columns - padding[Math.floor(i / columns)]),
      ),
    );
  }

  /** The position of the token after each row, `[rows, 1]`. */
  nextPositions(): Value {
    return integers([this.rows, 1], this.padding.map((padding) => this.columns - padding));
  }

  /** The rows named, in that order; a row may be named more than once. */
  select(rows: readonly number[]): Prefixes {
    return new Prefixes(rows.map((row) => this.padding[row]), this.columns);
  }

  /** The prompts' tokens, `[rows, columns]`, with `filler` as padding. */
  ids(prompts: readonly (readonly number[])[], filler: number): Value {
    return integers(
      [this.rows, this.columns],
      prompts.flatMap((prompt, row) => [
        ...Array<number>(this.padding[row]).fill(filler),
        ...prompt,
      ]),
    );
  }
}
