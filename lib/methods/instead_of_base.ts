import {
  type LanguageModel,
  longestTextOf,
  openLanguageModel,
} from "../inference/language_model.ts";
import type { Device } from "../runtime/device.ts";
import { dexpertsPart } from "./dexperts.ts";
import { onePassModel } from "./one_pass.ts";
import type { RewardModel } from "./reward_model.ts";

/** The label of a model that {@linkcode openInsteadOfBase} opens; at strength 1 it takes the base model's place. */
export const insteadLabel = "instead";

/**
 * Opens a language model that writes in the base model's place, among the base model's candidates: its score is z′ − z, so that
 * at strength 1 what is drawn from is softmax(z′) over the top k of z. Texts of another language model by itself may have
 * tokens that are not among the base's candidates, and so are infinitely far from what the base writes; these are not.
 *
 * @param writer the folder of the language model, with the base model's tokenizer.
 * @param base the folder of the base model.
 */
export async function openInsteadOfBase(
  writer: string,
  base: string,
  device: Device,
): Promise<RewardModel> {
  const [own, other] = [await open(writer), await open(base)];
  return onePassModel(
    {
      kind: insteadLabel,
      labels: [insteadLabel],
      rule: "difference",
      vocabulary: own.spec.backbone.vocabulary,
      longestText: Math.min(longestTextOf(own.spec), longestTextOf(other.spec)),
    },
    dexpertsPart(own, other),
    device,
  );
}

function open(path: string): Promise<LanguageModel> {
  return openLanguageModel(
    path,
    (kind) => `Only a language model writes, but '${path}' holds a model of kind ${kind}`,
  );
}
