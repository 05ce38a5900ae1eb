import type { LabelledTexts } from "../data/labelled_texts.ts";
import type { PreferencePairs } from "../data/preference_pairs.ts";
import type { TokenizedTexts } from "../data/tokenized_texts.ts";
import type { Kind } from "../options/option.ts";
import { type AnyMethod, isEnsemble, learnsFromOf, takesPairs } from "./method.ts";

/** What a reward model learns from. */
export type RewardData = LabelledTexts | TokenizedTexts | PreferencePairs;

/** What a reward model learns from, as an argument. */
export const rewardDataKind = {
  type: "value",
  is: (value: unknown): value is RewardData =>
    typeof value === "object" && value !== null && "labelNames" in value &&
    ("texts" in value || "examples" in value || "chosen" in value),
  what:
    "labelled texts, from await readLabelledTexts(), the token ids of such, or pairs, from await readPreferencePairs()",
} as const satisfies Kind;

/** Whether a model is to learn from preference pairs. */
export function isPairs(data: RewardData): data is PreferencePairs {
  return "chosen" in data;
}

/** What does not go with pairs, and why not. */
const withoutPairs: Readonly<Record<string, string>> = {
  teacher: "a teacher's rewards are of single texts",
  trunk: "both texts of a pair go through all blocks",
  published: "the authors' code has none",
};

/**
 * What is wrong with training a method on pairs, or on texts.
 *
 * @param options of its training.
 * @returns undefined if nothing is.
 */
export function misfit(
  method: AnyMethod,
  data: "pairs" | "texts",
  options: object,
): string | undefined {
  const learnsFrom = learnsFromOf(method);
  const kind = `A model of kind ${method.kind}`;
  if (!isEnsemble(method) && method.trainsHeadAlone && "lora" in options && options.lora) {
    return `${kind} is a head on a base model that stays as it is, so 'lora' has nothing to adapt: leave it out`;
  }
  if (data === "texts") {
    return learnsFrom === "pairs"
      ? `${kind} learns from preference pairs, not from labels: give it --pairs (readPreferencePairs())`
      : undefined;
  }
  if (!takesPairs(method)) return `${kind} learns from ${learnsFrom}, not from preference pairs`;
  const clash = Object.keys(withoutPairs).find((name) =>
    (options as Record<string, unknown>)[name]
  );
  return clash && `'${clash}' does not go with pairs: ${withoutPairs[clash]}`;
}

/** Makes sure that a method can learn from what it is given. @throws {TypeError} one sentence, if it cannot. */
export function requireFitting(method: AnyMethod, data: RewardData, options: object): void {
  const problem = misfit(method, isPairs(data) ? "pairs" : "texts", options);
  if (problem !== undefined) throw new TypeError(problem);
  if (!isPairs(data)) return;
  const { prompts, chosen, rejected } = data;
  if (chosen.length === prompts.length && rejected.length === prompts.length) return;
  throw new TypeError(
    `There are ${prompts.length} prompts, ${chosen.length} chosen and ${rejected.length} rejected texts: a pair has one of each`,
  );
}
