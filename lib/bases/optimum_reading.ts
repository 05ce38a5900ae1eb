import { floats, integers, rowsOf, type Value, valueOf } from "../runtime/value.ts";
import { floatsOfHalves } from "../weights/half_floats.ts";
import type { BaseReading, Candidates } from "./base_model.ts";
import type { OptimumCache, OptimumSession } from "./optimum_session.ts";
import { topCandidates } from "./top_candidates.ts";

/** Texts that a model of optimum's form is reading, padded on the left. */
export class OptimumReading implements BaseReading {
  readonly #session: OptimumSession;
  readonly #cache: OptimumCache;
  readonly #k: number | undefined;
  /** Columns of padding before each row. */
  #padding: readonly number[];
  /** Columns read so far, padding included; the same for all rows. */
  #columns = 0;
  #candidates: Candidates | undefined;

  private constructor(session: OptimumSession, k: number | undefined, padding: readonly number[]) {
    this.#session = session;
    this.#cache = session.emptyCache(padding.length);
    this.#k = k;
    this.#padding = padding;
  }

  /**
   * Reads texts.
   *
   * @param texts token ids, at least one each.
   * @param k the number of candidates; absent: the whole vocabulary.
   * @param filler any token, to pad with.
   */
  static async start(
    session: OptimumSession,
    texts: readonly (readonly number[])[],
    k: number | undefined,
    filler: number,
  ): Promise<OptimumReading> {
    const columns = Math.max(...texts.map(({ length }) => length));
    const padding = texts.map(({ length }) => columns - length);
    session.requirePlaces(padding);
    const reading = new OptimumReading(session, k, padding);
    try {
      const ids = texts.flatMap((text, row) => [
        ...Array<number>(padding[row]).fill(filler),
        ...text,
      ]);
      await reading.#read(ids, columns);
      return reading;
    } catch (error) {
      reading[Symbol.dispose]();
      throw error;
    }
  }

  get candidates(): Candidates {
    return this.#candidates!;
  }

  /** Reads `time` more tokens a row, `[rows · time]`. */
  async #read(ids: readonly number[], time: number): Promise<void> {
    const rows = this.#padding.length;
    const columns = this.#columns + time;
    const mask = new BigInt64Array(rows * columns).fill(1n);
    const positions = new BigInt64Array(rows * time);
    this.#padding.forEach((padding, row) => {
      mask.fill(0n, row * columns, row * columns + padding);
      for (let i = 0; i < time; i++) {
        positions[row * time + i] = BigInt(Math.max(0, this.#columns + i - padding));
      }
    });
    const logits = await this.#session.run(
      integers([rows, time], ids),
      valueOf("int64", [rows, columns], mask),
      valueOf("int64", [rows, time], positions),
      this.#cache,
    );
    this.#columns = columns;
    this.#candidates = candidatesIn(logits, this.#k);
  }

  async step(tokens: readonly number[]): Promise<void> {
    await this.#read(tokens, 1);
  }

  async select(rows: readonly number[]): Promise<void> {
    await this.#cache.select(rows);
    this.#padding = rows.map((row) => this.#padding[row]);
    const { ids, logits } = this.candidates;
    this.#candidates = { ...(ids && { ids: rowsOf(ids, rows) }), logits: rowsOf(logits, rows) };
  }

  [Symbol.dispose](): void {
    this.#cache[Symbol.dispose]();
  }
}

/** The candidates after the last token of each row, from logits `[rows, time, vocab]`. */
function candidatesIn(
  logits: Value,
  k: number | undefined,
): Candidates {
  const [rows, time, tokens] = logits.dims;
  const lastOf = (row: number): Float32Array => {
    const end = (row + 1) * time * tokens;
    return logits.type === "float16"
      ? floatsOfHalves((logits.data as Uint16Array).subarray(end - tokens, end))
      : (logits.data as Float32Array).subarray(end - tokens, end);
  };
  if (k === undefined) {
    if (time === 1 && logits.type === "float32") {
      return { logits: floats([rows, tokens], logits.data as Float32Array) };
    }
    const all = new Float32Array(rows * tokens);
    for (let row = 0; row < rows; row++) all.set(lastOf(row), row * tokens);
    return { logits: floats([rows, tokens], all) };
  }
  const ids = new BigInt64Array(rows * k);
  const values = new Float32Array(rows * k);
  for (let row = 0; row < rows; row++) {
    const top = topCandidates(lastOf(row), k);
    top.places.forEach((place, i) => ids[row * k + i] = BigInt(place));
    values.set(top.logits, row * k);
  }
  return { ids: valueOf("int64", [rows, k], ids), logits: floats([rows, k], values) };
}
