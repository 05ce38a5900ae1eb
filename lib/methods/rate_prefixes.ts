import { requireRoom } from "../inference/text_room.ts";
import { checkArgument } from "../options/settle.ts";
import { tokenIdsKind } from "../options/token_ids_kind.ts";
import { integers } from "../runtime/value.ts";
import type { RewardModel } from "./reward_model.ts";
import { rewardModelKind } from "./reward_model_kind.ts";

/** Texts that are read together. */
const textsAtOnce = 32;

/** Candidates that a model which reads each of them is given at a time. */
const candidatesAtOnce = 4096;

/**
 * The rewards of all tokens of the vocabulary after each prefix, for one label, not clamped: `[prefixes][vocabulary]`.
 *
 * @param prefixes token ids, without BOS.
 * @throws {RangeError} if the model has no such label, or a prefix has no room in its context.
 * @throws {TypeError} if an argument is missing or of the wrong type.
 */
export async function rateVocabulary(
  model: RewardModel,
  prefixes: readonly (readonly number[])[],
  label: string,
): Promise<number[][]> {
  checkArgument("rateVocabulary", "model", rewardModelKind, model);
  checkArgument("rateVocabulary", "prefixes", tokenIdsKind, prefixes);
  const place = placeOf("rateVocabulary", model, label);
  const { vocabulary, part, longestText } = model;
  prefixes.forEach(({ length }, i) =>
    requireRoom(`Prefix ${i + 1}`, length, longestText - 1, { beside: "with the rated token" })
  );
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
      for (let i = 0; i < count; i++) row.push(scores[place * count + i]);
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
 * @throws {RangeError} if the model has no such label, or a text has no token, or more than fit into its context.
 * @throws {TypeError} if an argument is missing or of the wrong type.
 */
export async function rateTexts(
  model: RewardModel,
  texts: readonly (readonly number[])[],
  label: string,
): Promise<number[]> {
  checkArgument("rateTexts", "model", rewardModelKind, model);
  checkArgument("rateTexts", "texts", tokenIdsKind, texts);
  const place = placeOf("rateTexts", model, label);
  texts.forEach(({ length }, i) => {
    if (length === 0) {
      throw new RangeError(`Text ${i + 1} has no token to be rated: leave it out`);
    }
    requireRoom(`Text ${i + 1}`, length, model.longestText);
  });
  const rewards = new Array<number>(texts.length);
  const order = texts.map((_, i) => i).sort((a, b) => texts[a].length - texts[b].length);
  for (let start = 0; start < order.length; start += textsAtOnce) {
    const rows = order.slice(start, start + textsAtOnce);
    using reading = await model.start(rows.map((i) => texts[i].slice(0, -1)));
    const last = rows.map((i) => texts[i].at(-1)!);
    const scores = await reading.rate(integers([rows.length, 1], last));
    rows.forEach((i, row) =>
      rewards[i] = (scores.data as Float32Array)[row * model.labels.length + place]
    );
  }
  return rewards;
}

function placeOf(caller: string, { labels }: RewardModel, label: string): number {
  if (label === undefined) {
    throw new TypeError(`${caller} needs 'label': the model has ${labels.join(", ")}.`);
  }
  checkArgument(caller, "label", { type: "text" }, label);
  const place = labels.indexOf(label);
  if (place >= 0) return place;
  throw new RangeError(`The model has no label '${label}': it has ${labels.join(", ")}`);
}
