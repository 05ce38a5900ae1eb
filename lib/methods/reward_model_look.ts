import { longestTextFact, modelLook, type StoredModel } from "../inference/model_look.ts";
import { kindNameOf, type ModelKind, type ModelSpec } from "./model_spec.ts";
import type { MediaBundle } from "../notebook/display.ts";
import type { RewardModel } from "./reward_model.ts";
import type { RuleName } from "./rules.ts";

const titles: Readonly<Record<Exclude<ModelKind, "defined">, string>> = {
  lm: "Language model",
  arm: "Autoregressive reward model (ARM)",
  rad: "Reward model that reads every candidate (RAD)",
  fudge: "Future discriminator (FUDGE)",
  gedi: "Generative discriminator (GeDi)",
  dexperts: "Expert and anti-expert (DExperts)",
};

const ruleTexts: Readonly<Record<RuleName, string>> = {
  reward: "reward: β · clamp(r, 0, 1) is added to a token's logit",
  logProbability: "logProbability: β · log σ(s) is added to a token's logit",
  difference: "difference: β · (z⁺ − z⁻) is added to a token's logit",
};

/** What a notebook shows of a reward model: what it rates, how that steers, and its parts with their sizes. */
export function rewardModelLook(
  spec: ModelSpec,
  model: RewardModel,
  stored: readonly StoredModel[],
): MediaBundle {
  const { labels, rule } = model;
  return modelLook(spec.kind === "defined" ? spec.method.title : titles[spec.kind], [
    ["kind", kindNameOf(spec)],
    [labels.length === 1 ? "label" : "labels", labels.join(", ")],
    ["rule", ruleTexts[rule]],
    longestTextFact(model),
  ], stored);
}
