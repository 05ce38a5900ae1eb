import type { BaseModel } from "../../bases/base_model.ts";
import type { RewardModel } from "../../methods/reward_model.ts";
import { integers, type Value } from "../../runtime/value.ts";
import { followTexts } from "./followed_texts.ts";
import { cutTo, type EffectOptions } from "./language_model_effect.ts";
import { type StepSpeed, timeSteps } from "./step_speed.ts";

/** What reduced precision does to a reward model's scores of candidates, over all places, candidates and labels. */
export interface RewardModelEffect {
  /** Scores that were compared. */
  readonly scores: number;
  readonly meanDifference: number;
  readonly largestDifference: number;
  /** How far the scores of a place differ from each other, which is what steers: their standard deviation in float32. */
  readonly spread: number;
  /** A step that reads a token and rates the candidates. */
  readonly step: StepSpeed;
}

/**
 * Compares a reward model with its copy in reduced precision on texts (token ids): at each place, both rate the k
 * likeliest next tokens of a base model, the text's own next token among them.
 *
 * @throws {RangeError} if there are no tokens.
 */
export async function rewardModelEffect(
  whole: RewardModel,
  reduced: RewardModel,
  base: BaseModel,
  texts: readonly (readonly number[])[],
  { k = 20, rows = 25, steps = 30 }: EffectOptions & { k?: number } = {},
): Promise<RewardModelEffect> {
  const sums = { scores: 0, differences: 0, largest: 0, variance: 0, places: 0 };
  const longest = Math.min(base.longestText, whole.longestText);
  await followTexts(
    cutTo(longest, texts),
    async (rows) => await startRating(whole, reduced, base, Array(rows).fill([]), k),
    async (rating, next) => {
      const [a, b] = await rating.rate(next);
      a.forEach((score, i) => {
        const difference = Math.abs(b[i] - score);
        sums.differences += difference;
        sums.largest = Math.max(sums.largest, difference);
      });
      for (let from = 0; from < a.length; from += k) sums.variance += variance(a, from, from + k);
      sums.scores += a.length;
      sums.places += a.length / k;
    },
  );
  if (sums.scores === 0) throw new RangeError("There are no tokens to compare the models on");
  return {
    scores: sums.scores,
    meanDifference: sums.differences / sums.scores,
    largestDifference: sums.largest,
    spread: Math.sqrt(sums.variance / sums.places),
    step: await timeRating(whole, reduced, texts, k, rows, Math.min(steps, longest - 6)),
  };
}

function variance(values: Float32Array, from: number, to: number): number {
  const some = values.subarray(from, to);
  const mean = some.reduce((sum, value) => sum + value, 0) / some.length;
  return some.reduce((sum, value) => sum + (value - mean) ** 2, 0) / some.length;
}

/** Both models on the same texts, and the base model whose candidates they rate. */
async function startRating(
  whole: RewardModel,
  reduced: RewardModel,
  base: BaseModel,
  prompts: readonly (readonly number[])[],
  k: number,
) {
  const reading = await base.start(prompts, k);
  const raters = [await whole.start(prompts), await reduced.start(prompts)];
  let rated: bigint[][] = [];
  return {
    /** Scores of the candidates by each model, `[rows, labels, k]`. */
    async rate(next: readonly number[]): Promise<Float32Array[]> {
      const ids = reading.candidates.ids!.data as BigInt64Array;
      rated = next.map((token, row) => {
        const candidates = [...ids.subarray(row * k, (row + 1) * k)];
        if (!candidates.includes(BigInt(token))) candidates[k - 1] = BigInt(token);
        return candidates;
      });
      const candidates = integers([next.length, k], rated.flat().map(Number));
      const scores: Float32Array[] = [];
      for (const rater of raters) {
        scores.push((await rater.rate(candidates)).data as Float32Array);
      }
      return scores;
    },
    async select(rows: readonly number[]): Promise<void> {
      rated = rows.map((row) => rated[row]);
      for (const follower of [reading, ...raters]) await follower.select(rows);
    },
    async step(tokens: readonly number[]): Promise<void> {
      const places = tokens.map((token, row) => rated[row].indexOf(BigInt(token)));
      await reading.step(tokens);
      for (const rater of raters) await rater.accept(tokens, places);
    },
    [Symbol.dispose](): void {
      for (const each of [reading, ...raters]) each[Symbol.dispose]();
    },
  };
}

async function timeRating(
  whole: RewardModel,
  reduced: RewardModel,
  texts: readonly (readonly number[])[],
  k: number,
  rows: number,
  steps: number,
): Promise<StepSpeed> {
  const prompts = Array.from({ length: rows }, (_, row) => texts[row % texts.length].slice(0, 4));
  const candidates: Value = integers(
    [rows, k],
    Array.from({ length: rows * k }, (_, i) => i % whole.vocabulary),
  );
  const [a, b] = [await whole.start(prompts), await reduced.start(prompts)];
  try {
    const step = (rater: typeof a) => async () => {
      await rater.rate(candidates);
      await rater.accept(prompts.map((_, row) => row * k % whole.vocabulary), Array(rows).fill(0));
    };
    return await timeSteps(step(a), step(b), Math.max(1, steps));
  } finally {
    a[Symbol.dispose]();
    b[Symbol.dispose]();
  }
}
