import { gatherLast, sub, unsqueeze } from "../graph/ops/mod.ts";
import type { RaterPart } from "../inference/part.ts";
import { logSumExp } from "../loss/log_sum_exp.ts";
import { languageModelHead } from "../models/language_model_head.ts";
import type { Parameters } from "../models/parameters.ts";
import type { OptionTable } from "../options/option.ts";
import { genarmObjective } from "./genarm_objective.ts";
import { languageHead } from "./language_head.ts";
import type { HeadedModel, Method } from "./method.ts";
import { lastStatePart } from "./next_token_part.ts";
import type { Head } from "./reward_head.ts";

/** Settings of GenARM's training. */
const training = {
  rewardScale: {
    type: "number",
    above: 0,
    default: 0.05,
    help: "β_r of GenARM's loss: how much a nat of a text's log-probability says of preference",
  },
} as const satisfies OptionTable;

/**
 * GenARM's autoregressive reward model (Xu et al., 2024): a language model π_r that has learnt from preference pairs. A token's
 * score is log π_r(v | x); added to the base model's logits β times, the distribution is π · π_r^β, where the paper's β is the
 * inverse of this one.
 */
export const genarm: Method<Record<never, never>, typeof training, Head> = {
  kind: "genarm",
  title: "Language model as token rewards (GenARM)",
  name: "GenARM",
  formula: "z + β log π_r(i after x), with π_r a language model that learnt from pairs",
  source:
    "Xu, Sehwag, Koppel, Zhu, An, Huang, Ganesh: GenARM: Reward Guided Generation with Autoregressive Reward Model for Test-time Alignment, 2024",
  rule: "difference",
  training,
  learnsFrom: "pairs",
  trainsEmbeddings: true,
  head: () => languageHead,
  objective: (backbone, _head, _training, settings) => genarmObjective(backbone, settings),
  part: genarmPart,
};

/** The part of a language model that reads BOS and the text, and whose log-probabilities are scores. */
function genarmPart(model: HeadedModel<unknown, Head>, parameters: Parameters): RaterPart {
  return lastStatePart(model, parameters, (state, candidates) => {
    const logits = languageModelHead(model.backbone, parameters, state);
    const all = sub(logits, logSumExp(logits));
    return unsqueeze(candidates ? gatherLast(all, candidates) : all, [1]);
  });
}
