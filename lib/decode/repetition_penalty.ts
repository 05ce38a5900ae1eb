import { div, gatherLast, greaterOrEqual, mul, scatterLast, where } from "../graph/ops/mod.ts";
import { input, scalar, type Tensor } from "../graph/tensor.ts";
import { floats, integers, type Value, valueOf } from "../runtime/value.ts";
import type { BaseModel, BaseReading, Candidates } from "../bases/base_model.ts";
import { topCandidates } from "../bases/top_candidates.ts";

type Float = Tensor<"float32">;

/**
 * The repetition penalty (Keskar et al., 2019) as transformers' `RepetitionPenaltyLogitsProcessor`: the logits of the
 * tokens that were read, of prompt and continuation alike, are divided by the penalty where they are positive and
 * multiplied by it where they are negative.
 *
 * @param logits of the whole vocabulary, `[rows, vocab]`.
 * @param seen the tokens that were read, `[rows, n]`, in any order and any number of times.
 * @param penalty `[]`; from 1 up it discourages, below it encourages.
 */
export function penalized(logits: Float, seen: Tensor<"int64">, penalty: Float): Float {
  const of = gatherLast(logits, seen);
  const isPositive = greaterOrEqual(of, scalar("float32", 0));
  return scatterLast(logits, seen, where(isPositive, div(of, penalty), mul(of, penalty)));
}

/** The same with the penalty as an input, which `penaltyFeeds` feeds. */
export function penalizedAsFed(logits: Float, seen: Tensor<"int64">): Float {
  return penalized(logits, seen, input("repetition_penalty", "float32", []));
}

/** Feeds of a graph that was built with `penalizedAsFed`, but for the tokens that were read. */
export function penaltyFeeds(penalty: number): Record<string, Value> {
  return { repetition_penalty: floats([], Float32Array.of(penalty)) };
}

/** The tokens that rows have read, int64 `[rows, n]`: shorter rows name their first token again. */
export function seenValue(rows: readonly (readonly number[])[]): Value {
  const longest = rows.reduce((most, { length }) => Math.max(most, length), 1);
  return integers(
    [rows.length, longest],
    rows.flatMap((ids) => [...ids, ...Array<number>(longest - ids.length).fill(ids[0])]),
  );
}

/**
 * Texts that a base model reads by itself, with penalized logits: it gives those of the whole vocabulary, of which the
 * candidates are taken here.
 */
export class PenalizedReading implements BaseReading {
  readonly #reading: BaseReading;
  readonly #penalty: number;
  readonly #k: number | undefined;
  /** The tokens that each row has read. */
  #seen: readonly (readonly number[])[];
  candidates: Candidates;

  private constructor(
    reading: BaseReading,
    seen: readonly (readonly number[])[],
    penalty: number,
    k: number | undefined,
  ) {
    this.#reading = reading;
    this.#penalty = Math.fround(penalty);
    this.#k = k;
    this.#seen = seen;
    this.candidates = this.#penalized();
  }

  /** @param texts as `begin` of the base model gives them. */
  static async start(
    base: BaseModel,
    texts: readonly (readonly number[])[],
    k: number | undefined,
    penalty: number,
  ): Promise<PenalizedReading> {
    const reading = await base.start(texts, undefined, { begun: true });
    return new PenalizedReading(reading, texts, penalty, k);
  }

  async step(tokens: readonly number[]): Promise<void> {
    await this.#reading.step(tokens);
    this.#seen = this.#seen.map((seen, row) => [...seen, tokens[row]]);
    this.candidates = this.#penalized();
  }

  async select(rows: readonly number[]): Promise<void> {
    await this.#reading.select(rows);
    this.#seen = rows.map((row) => this.#seen[row]);
    this.candidates = this.#penalized();
  }

  [Symbol.dispose](): void {
    this.#reading[Symbol.dispose]();
  }

  #penalized(): Candidates {
    const { logits } = this.#reading.candidates;
    const [rows, vocabulary] = logits.dims;
    const all = Float32Array.from(logits.data as Float32Array);
    this.#seen.forEach((seen, row) => {
      for (const id of new Set(seen)) {
        const at = row * vocabulary + id;
        all[at] = all[at] >= 0 ? all[at] / this.#penalty : all[at] * this.#penalty;
      }
    });
    const k = this.#k;
    if (k === undefined) return { logits: floats([rows, vocabulary], all) };
    const ids = new BigInt64Array(rows * k);
    const values = new Float32Array(rows * k);
    for (let row = 0; row < rows; row++) {
      const top = topCandidates(all.subarray(row * vocabulary, (row + 1) * vocabulary), k);
      top.places.forEach((place, i) => ids[row * k + i] = BigInt(place));
      values.set(top.logits, row * k);
    }
    return { ids: valueOf("int64", [rows, k], ids), logits: floats([rows, k], values) };
  }
}
