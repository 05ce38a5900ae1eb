import { longestTextFact, modelLook, type StoredModel } from "../inference/model_look.ts";
import type { MediaBundle } from "../notebook/display.ts";
import type { AnyMethod } from "./method.ts";
import type { RewardModel } from "./reward_model.ts";
import type { RuleName } from "./rules.ts";

const ruleTexts: Readonly<Record<RuleName, string>> = {
  reward: "reward: β · clamp(r, 0, 1) is added to a token's logit",
  logProbability: "logProbability: β · log σ(s) is added to a token's logit",
  difference: "difference: β · (z⁺ − z⁻) is added to a token's logit",
  cap: "cap: a token's probability is at most 1 − β · (1 − clamp(r, 0, 1))",
};

/** What a notebook shows of a reward model: what it rates, how that steers, and its parts with their sizes. */
export function rewardModelLook(
  { title }: Pick<AnyMethod, "title">,
  model: RewardModel,
  stored: readonly StoredModel[],
): MediaBundle {
  const { kind, labels, rule } = model;
  return modelLook(title, [
    ["kind", kind],
    [labels.length === 1 ? "label" : "labels", labels.join(", ")],
    ["rule", ruleTexts[rule]],
    longestTextFact(model),
  ], stored);
}
