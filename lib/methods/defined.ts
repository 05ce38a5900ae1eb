import { gather, unsqueeze } from "../graph/ops/mod.ts";
import { outputEmbeddings } from "../models/language_model_head.ts";
import type { Parameters } from "../models/parameters.ts";
import { definedHeadOf, type DefinedSpec } from "./model_spec.ts";
import type { Device } from "../runtime/device.ts";
import { nextTokenPart } from "./next_token_part.ts";
import { onePassModel } from "./one_pass.ts";
import type { RewardModel } from "./reward_model.ts";

/** Opens a model of `defineMethod`; its weights are loaded with the graph that it becomes a part of. */
export function openDefined(
  spec: DefinedSpec,
  parameters: Parameters,
  device: Device,
): RewardModel {
  const { backbone, method, labels } = spec;
  const head = definedHeadOf(spec);
  const part = nextTokenPart(backbone, parameters, (hidden, candidates) => {
    const all = outputEmbeddings(backbone, parameters);
    const rated = candidates ? gather(all, candidates) : unsqueeze(all, [0]);
    return head.rewards(parameters, hidden, rated);
  });
  return onePassModel(
    {
      kind: method.kind,
      labels,
      rule: method.rule,
      vocabulary: backbone.vocabulary,
      longestText: backbone.context,
    },
    part,
    device,
  );
}
