import { gather } from "../graph/ops/mod.ts";
import type { RaterPart } from "../inference/part.ts";
import { armCandidateRewards, armVocabularyRewards } from "./arm_head.ts";
import { armHeadOf, type ArmSpec } from "./model_spec.ts";
import type { Parameters } from "../models/parameters.ts";
import { outputEmbeddings } from "../models/language_model_head.ts";
import type { Device } from "../runtime/device.ts";
import { nextTokenPart } from "./next_token_part.ts";
import { onePassModel } from "./one_pass.ts";
import type { RewardModel } from "./reward_model.ts";

/**
 * An autoregressive reward model (section 3.2): reads BOS and the text, one backbone call a token, and rates
 * any number of next tokens from the one hidden state, equation (2).
 */
export function armPart(spec: Omit<ArmSpec, "kind">, parameters: Parameters): RaterPart {
  const { backbone } = spec;
  const head = armHeadOf(spec);
  const embeddings = () => outputEmbeddings(backbone, parameters);
  return nextTokenPart(
    backbone,
    parameters,
    (hidden, candidates) =>
      candidates
        ? armCandidateRewards(head, parameters, hidden, gather(embeddings(), candidates))
        : armVocabularyRewards(head, parameters, hidden, embeddings()),
  );
}

/** Opens an autoregressive reward model; its weights are loaded with the graph that it becomes a part of. */
export function openArm(spec: ArmSpec, parameters: Parameters, device: Device): RewardModel {
  const { backbone, kind, labels } = spec;
  return onePassModel(
    {
      kind,
      labels,
      rule: "reward",
      vocabulary: backbone.vocabulary,
      longestText: backbone.context,
    },
    armPart(spec, parameters),
    device,
  );
}
