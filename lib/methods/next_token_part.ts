import { gather, unsqueeze } from "../graph/ops/mod.ts";
import type { Tensor } from "../graph/tensor.ts";
import { atLastToken, cachesOf } from "../inference/backbone_part.ts";
import type { RaterPart } from "../inference/part.ts";
import { outputEmbeddings } from "../models/language_model_head.ts";
import type { Parameters } from "../models/parameters.ts";
import { forwardStep } from "../models/step.ts";
import { aboveTrunk } from "../models/trunk.ts";
import type { HeadedModel } from "./method.ts";
import type { Head, RewardHead } from "./reward_head.ts";

type Float = Tensor<"float32">;
type NextTokenModel = HeadedModel<unknown, RewardHead>;

/** The part of a model that reads BOS and the text, one backbone call a token, and rates next tokens from the last hidden state. */
export function nextTokenPart(model: NextTokenModel, parameters: Parameters): RaterPart {
  return lastStatePart(
    model,
    parameters,
    (state, candidates) => scoresOf(model, parameters, state, candidates),
  );
}

/**
 * The same, however scores come from that state.
 *
 * @param scores of the candidates `[batch, k]`, or of all tokens where none are given, from the last hidden state, `[batch, d]`.
 */
export function lastStatePart(
  model: HeadedModel<unknown, Head>,
  parameters: Parameters,
  scores: (state: Float, candidates: Tensor<"int64"> | undefined) => Float,
): RaterPart {
  const { backbone } = model;
  return {
    ...readsBosFirst(model),
    caches: cachesOf(backbone),
    backboneCalls: 1,
    rate(inputs, candidates) {
      const { hidden, fresh } = forwardStep(backbone, parameters, inputs.ids, inputs.past);
      const state = atLastToken(hidden, inputs);
      return { scores: scores(state, candidates), fresh, running: {} };
    },
  };
}

/**
 * The same where the base model has the trunk that the model shares: it reads the base model's hidden states above so many
 * blocks, and has caches of its own blocks alone.
 */
export function aboveTrunkPart(
  model: NextTokenModel,
  blocks: number,
  parameters: Parameters,
): RaterPart {
  const { backbone } = model;
  const above = backbone.blocks.length - blocks;
  return {
    ...readsBosFirst(model),
    trunk: blocks,
    caches: cachesOf(backbone).slice(blocks),
    backboneCalls: above / backbone.blocks.length,
    rate(inputs, candidates, states) {
      if (!states) throw new TypeError("A model on a trunk is rated with the base model's states.");
      const own = aboveTrunk(backbone, blocks, () => states);
      const { hidden, fresh } = above === 0
        ? { hidden: states, fresh: [] }
        : forwardStep(own, parameters, inputs.ids, inputs.past);
      const state = atLastToken(hidden, inputs);
      return { scores: scoresOf(model, parameters, state, candidates), fresh, running: {} };
    },
  };
}

/** What a part says of a model that reads BOS before a text. */
function readsBosFirst(
  { backbone, bos }: Pick<NextTokenModel, "backbone" | "bos">,
): Pick<RaterPart, "running" | "context" | "begin"> {
  return {
    running: [],
    context: backbone.context,
    begin: (prompt) => bos || prompt.length === 0 ? [backbone.bos, ...prompt] : prompt,
  };
}

/** Scores from hidden states `[batch, d]`: of candidates `[batch, k]`, or of all tokens. */
function scoresOf(
  { backbone, head }: NextTokenModel,
  parameters: Parameters,
  state: Float,
  candidates: Tensor<"int64"> | undefined,
): Float {
  const all = outputEmbeddings(backbone, parameters);
  if (candidates) return head.rewards(parameters, state, gather(all, candidates));
  return head.vocabularyRewards
    ? head.vocabularyRewards(parameters, state, all)
    : head.rewards(parameters, state, unsqueeze(all, [0]));
}
