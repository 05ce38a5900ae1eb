import { gather, unsqueeze } from "../graph/ops/mod.ts";
import { atLastToken, cachesOf } from "../inference/backbone_part.ts";
import type { RaterPart } from "../inference/part.ts";
import { outputEmbeddings } from "../models/language_model_head.ts";
import type { Parameters } from "../models/parameters.ts";
import { forwardStep } from "../models/step.ts";
import type { HeadedModel } from "./method.ts";
import type { RewardHead } from "./reward_head.ts";

/** The part of a model that reads BOS and the text, one backbone call a token, and rates next tokens from the last hidden state. */
export function nextTokenPart(
  { backbone, head }: HeadedModel<unknown, RewardHead>,
  parameters: Parameters,
): RaterPart {
  return {
    caches: cachesOf(backbone),
    running: [],
    context: backbone.context,
    backboneCalls: 1,
    begin: (prompt) => [backbone.bos, ...prompt],
    rate(inputs, candidates) {
      const { hidden, fresh } = forwardStep(backbone, parameters, inputs.ids, inputs.past);
      const state = atLastToken(hidden, inputs);
      const all = outputEmbeddings(backbone, parameters);
      const scores = candidates
        ? head.rewards(parameters, state, gather(all, candidates))
        : head.vocabularyRewards
        ? head.vocabularyRewards(parameters, state, all)
        : head.rewards(parameters, state, unsqueeze(all, [0]));
      return { scores, fresh, running: {} };
    },
  };
}
