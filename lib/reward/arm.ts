import { gather } from "../graph/ops/mod.ts";
import { atLastToken, gpt2Caches } from "../inference/gpt2_part.ts";
import type { RaterPart } from "../inference/part.ts";
import { armCandidateRewards, armVocabularyRewards } from "../nn/arm_head.ts";
import { gpt2Step } from "../nn/gpt2_step.ts";
import { armHeadOf, type ArmSpec } from "../nn/model_spec.ts";
import type { Parameters } from "../nn/parameters.ts";
import type { Device } from "../runtime/device.ts";
import { onePassModel } from "./one_pass.ts";
import type { RewardModel } from "./reward_model.ts";

/**
 * An autoregressive reward model (section 3.2): reads BOS and the text, one backbone call a token, and rates
 * any number of next tokens from the one hidden state, equation (2).
 */
export function armPart(spec: Omit<ArmSpec, "kind">, parameters: Parameters): RaterPart {
  const { config } = spec;
  const head = armHeadOf(spec);
  return {
    caches: gpt2Caches(config),
    running: [],
    backboneCalls: 1,
    begin: (prompt) => [config.endOfText, ...prompt],
    rate(inputs, candidates) {
      const { hidden, fresh } = gpt2Step(config, parameters, inputs.ids, inputs.past);
      const wte = parameters("wte.weight", [config.vocabulary, config.width]);
      const last = atLastToken(hidden, inputs);
      const scores = candidates
        ? armCandidateRewards(head, parameters, last, gather(wte, candidates))
        : armVocabularyRewards(head, parameters, last, wte);
      return { scores, fresh, running: {} };
    },
  };
}

/** Opens an autoregressive reward model; its weights are loaded with the graph that it becomes a part of. */
export function openArm(spec: ArmSpec, parameters: Parameters, device: Device): RewardModel {
  const { config, kind, labels } = spec;
  return onePassModel(
    {
      kind,
      labels,
      rule: "reward",
      vocabulary: config.vocabulary,
      longestText: config.positions,
    },
    armPart(spec, parameters),
    device,
  );
}
