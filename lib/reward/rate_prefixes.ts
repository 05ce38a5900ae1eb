import { integers } from "../runtime/value.ts";
import type { RewardModel } from "./reward_model.ts";

/** Candidates that a model which reads each of them is given at a time. */
const candidatesAtOnce = 4096;

/**
 * The rewards of all tokens of the vocabulary after each prefix, for one label, not clamped: `[prefixes][vocabulary]`.
 *
 * @param prefixes token ids, without BOS.
 * @throws {RangeError} if the model has no such label.
 */
export async function rateVocabulary(
  model: RewardModel,
  prefixes: readonly (readonly number[])[],
  label: string,
): Promise<number[][]> {
  const place = placeOf(model, label);
  const { vocabulary, part } = model;
  const rewards: number[][] = [];
  for (const prefix of prefixes) {
    using reading = await model.start([prefix]);
    const row: number[] = [];
    const chunk = part ? vocabulary : candidatesAtOnce;
    for (let start = 0; start < vocabulary; start += chunk) {
      const count = Math.min(chunk, vocabulary - start);
      const candidates = part ? undefined : integers(
        [1, count],
        Array.from({ length: count }, (_, i) => start + i),
      );
      const scores = (await reading.rate(candidates)).data as Float32Array;
      row.push(...scores.subarray(place * count, (place + 1) * count));
    }
    rewards.push(row);
  }
  return rewards;
}

/**
 * What a reward model says of whole texts, for one label, not clamped: the reward of the last token after all before
 * it. `[texts]`.
 *
 * @param texts token ids, without BOS, at least one each.
 * @throws {RangeError} if the model has no such label.
 */
export async function rateTexts(
  model: RewardModel,
  texts: readonly (readonly number[])[],
  label: string,
): Promise<number[]> {
  const place = placeOf(model, label);
  const rewards: number[] = [];
  for (const ids of texts) {
    using reading = await model.start([ids.slice(0, -1)]);
    const scores = await reading.rate(integers([1, 1], ids.slice(-1)));
    rewards.push((scores.data as Float32Array)[place]);
  }
  return rewards;
}

function placeOf({ labels }: RewardModel, label: string): number {
  const place = labels.indexOf(label);
  if (place >= 0) return place;
  throw new RangeError(`The model has no label '${label}': it has ${labels.join(", ")}`);
}
