import type { Reads, Scorer } from "./scorers/scorer.ts";
import { rateTexts } from "../methods/rate_prefixes.ts";
import { rewardModelKind } from "../methods/reward_model_kind.ts";
import type { RewardModel } from "../methods/reward_model.ts";
import { type TextRating, textRatingOf } from "../methods/text_rating.ts";
import type { Kind } from "../options/option.ts";

/** What rates texts as a whole: a scorer, or a reward model. */
export type Rater = Scorer | RewardModel;

/** It as an argument, for `checkArgument`. */
export const raterKind = {
  type: "value",
  is: (value: unknown): value is Rater =>
    rewardModelKind.is(value) ||
    (typeof value === "object" && value !== null && "score" in value && "labels" in value),
  what: "a scorer, from await openScorer(), or a reward model, from await openRewardModel()",
} as const satisfies Kind;

/** A text that a model wrote. */
export interface WrittenText {
  readonly prompt: string;
  readonly continuation: string;
  /** Token ids of both. */
  readonly ids: readonly number[];
}

/** The reward of texts that a model writes. */
export interface TextReward {
  /** What it is, for the description of a run. */
  readonly identity: Readonly<Record<string, unknown>>;
  /** A reward of each text, from 0 to 1; NaN where a reward model's is no finite number. */
  rate(texts: readonly WrittenText[], signal: AbortSignal | undefined): Promise<number[]>;
}

/** What of a text's rating is rewarded. */
export interface RewardSettings {
  /** The label. Default: the only one. */
  readonly label?: string;
  /** Whether it is the rest to 1 that is rewarded. */
  readonly inverse: boolean;
  /** What a scorer reads of a text. Default: what it asks for. */
  readonly reads?: Reads;
}

/**
 * The reward that a scorer or a reward model gives whole texts: the score of the label, which for reward models is what they say
 * of the last token, as a number from 0 to 1. Rewards of labels are clamped, log-odds are a probability by the sigmoid, and so are
 * scores that were learnt from pairs: σ(r) is the probability that a text is preferred to one of r = 0, and keeps their order. A
 * text without a score, or without a token, has the reward 0, whichever way.
 *
 * @param vocabulary that of the model that writes.
 * @throws {RangeError} if there is no such label, or a reward model has another vocabulary.
 * @throws {TypeError} if a reward model compares next tokens only, and rates no texts.
 */
export function textReward(
  rater: Rater,
  { label, inverse, reads }: RewardSettings,
  vocabulary: number,
): TextReward {
  const isModel = rewardModelKind.is(rater);
  const name = isModel ? `reward model (${rater.kind})` : `scorer '${rater.name}'`;
  const place = placeOf(name, rater.labels, label);
  const chosen = rater.labels[place];
  const turned = (reward: number) => inverse ? 1 - reward : reward;
  if (!isModel) {
    const { version, labels } = rater;
    const read = reads ?? rater.reads;
    return {
      identity: { scorer: rater.name, version, label: chosen, inverse },
      async rate(texts, signal) {
        const scores = await rater.score(
          texts.map(({ prompt, continuation }) =>
            read === "whole" ? prompt + continuation : continuation
          ),
          { signal },
        );
        return texts.map((_, i) => {
          const score = scores[i * labels.length + place];
          return Number.isNaN(score) ? 0 : turned(score);
        });
      },
    };
  }
  const { kind } = rater;
  const rating = textRatingOf(rater);
  if (rating === "none") {
    throw new TypeError(
      `A reward model of kind ${kind} compares next tokens and rates no texts: choose one that rates texts, or a scorer.`,
    );
  }
  const reward = rewardOf[rating];
  if (!rater.byText && rater.vocabulary !== vocabulary) {
    throw new RangeError(
      `The reward model has ${rater.vocabulary} tokens and the language model ${vocabulary}: they must share a tokenizer.`,
    );
  }
  return {
    identity: { rewardModel: kind, label: chosen, inverse },
    async rate(texts) {
      const some = texts.filter(({ ids }) => ids.length > 0);
      const ratings = await rateTexts(rater, some.map(({ ids }) => ids), chosen);
      const rewards = new Map(some.map((text, i) => {
        // so that what is no number does not become the best or the worst
        return [text, Number.isFinite(ratings[i]) ? turned(reward(ratings[i])) : NaN];
      }));
      return texts.map((text) => rewards.get(text) ?? 0);
    },
  };
}

/** The place of a label. @throws {RangeError} if there is none, or several and none is named. */
function placeOf(name: string, labels: readonly string[], label: string | undefined): number {
  if (label === undefined && labels.length === 1) return 0;
  const place = labels.indexOf(label ?? "");
  if (place >= 0) return place;
  throw new RangeError(
    label === undefined
      ? `The ${name} has several labels: choose one with 'label' among ${labels.join(", ")}.`
      : `The ${name} has no label '${label}': it has ${labels.join(", ")}.`,
  );
}

/** A text's reward, from what is said of it. */
const rewardOf: Readonly<Record<Exclude<TextRating, "none">, (rating: number) => number>> = {
  reward: (reward) => Math.min(1, Math.max(0, reward)),
  logOdds: (logOdds) => 1 / (1 + Math.exp(-logOdds)),
};
