import { join } from "node:path";
import { sub, unsqueeze } from "../graph/ops/mod.ts";
import type { Tensor } from "../graph/tensor.ts";
import { atLastToken, cachesOf } from "../inference/backbone_part.ts";
import {
  beginText,
  type LanguageModel,
  longestTextOf,
  openLanguageModel,
} from "../inference/language_model.ts";
import type { StoredModel } from "../inference/model_look.ts";
import { languageModelParts } from "../inference/model_parts.ts";
import type { RaterPart, StepInputs } from "../inference/part.ts";
import type { LayerCache } from "../models/backbone.ts";
import { forwardStep } from "../models/step.ts";
import type { LanguageModelSpec } from "../models/language_model_spec.ts";
import type { Parameters } from "../models/parameters.ts";
import { tokenLogits } from "../models/language_model_head.ts";
import { displayedAs } from "../notebook/display.ts";
import type { OptionTable, SettledOptions } from "../options/option.ts";
import type { Device } from "../runtime/device.ts";
import type { EnsembleMethod } from "./method.ts";
import { onePassModel } from "./one_pass.ts";
import type { RewardModel } from "./reward_model.ts";
import { rewardModelLook } from "./reward_model_look.ts";
import { trainExperts } from "./train_experts.ts";

type Float = Tensor<"float32">;

/** What a pair of experts is: the folders of the two models, relative to the one that names them. */
const settings = {
  expert: {
    type: "text",
    required: true,
    help: "the folder of the language model of texts with the label",
  },
  antiexpert: {
    type: "text",
    required: true,
    help: "the folder of the language model of texts without it",
  },
} as const satisfies OptionTable;

/** DExperts (Liu et al., 2021): two language models, one of texts with the label, one of texts without it. */
export const dexperts: EnsembleMethod<SettledOptions<typeof settings>> = {
  kind: "dexperts",
  title: "Expert and anti-expert (DExperts)",
  name: "DExperts",
  formula: "z + β (z₊ − z₋)",
  source:
    "Liu, Sap, Lu, Swayamdipta, Bhagavatula, Smith, Choi: DExperts: Decoding-Time Controlled Text Generation with Experts and Anti-Experts, 2021",
  rule: "difference",
  settings,
  learnsFrom: "two classes",
  backboneCalls: () => 2,
  folders: ({ expert, antiexpert }) => [expert, antiexpert],
  train: trainExperts,
  open: openDexperts,
};

/** One of the two language models of DExperts. */
export interface Expert {
  readonly spec: LanguageModelSpec;
  readonly parameters: Parameters;
}

/**
 * DExperts (Liu et al., 2021): a token's score is its logit under a language model of texts with the label minus
 * that under one of texts without it, z⁺ − z⁻.
 *
 * @throws {RangeError} if the two have different vocabularies.
 * @throws {TypeError} if one was trained to read BOS before a text, and the other was not.
 */
export function dexpertsPart(expert: Expert, antiExpert: Expert): RaterPart {
  const experts = [expert, antiExpert];
  const [{ backbone, bos }, other] = experts.map(({ spec }) => spec);
  if (backbone.vocabulary !== other.backbone.vocabulary) {
    throw new RangeError(
      `The expert has ${backbone.vocabulary} tokens and the anti-expert ${other.backbone.vocabulary}: ` +
        "they must share a tokenizer",
    );
  }
  if (bos !== other.bos) {
    throw new TypeError(
      `The ${bos ? "expert" : "anti-expert"} reads BOS before a text, the other does not: ` +
        "train both in the same way",
    );
  }
  return {
    caches: experts.flatMap(({ spec }) => cachesOf(spec.backbone)),
    running: [],
    context: Math.min(...experts.map(({ spec }) => spec.backbone.context)),
    backboneCalls: experts.length,
    begin: (prompt) => beginText(expert.spec, prompt),

    rate(inputs, candidates) {
      const layers = expert.spec.backbone.blocks.length;
      const plus = readBy(expert, partOf(inputs, 0, layers), candidates);
      const minus = readBy(antiExpert, partOf(inputs, layers), candidates);
      return {
        scores: sub(plus.logits, minus.logits),
        fresh: [...plus.fresh, ...minus.fresh],
        running: {},
      };
    },
  };
}

/**
 * Opens a pair of experts; their weights are loaded with the graph that they become a part of.
 *
 * @param folder where the spec was found: the models' folders are relative to it.
 * @throws {TypeError} if one of them is not a language model, or they do not read texts in the same way.
 * @throws {RangeError} if they have different vocabularies.
 */
async function openDexperts(
  labels: readonly string[],
  folders: SettledOptions<typeof settings>,
  folder: string,
  device: Device,
): Promise<RewardModel> {
  const expert = await openExpert(join(folder, folders.expert));
  const antiExpert = await openExpert(join(folder, folders.antiexpert));
  const part = dexpertsPart(expert, antiExpert);
  const longest = [expert, antiExpert].map(({ spec }) => longestTextOf(spec));
  const model = onePassModel(
    {
      kind: dexperts.kind,
      labels,
      rule: dexperts.rule,
      vocabulary: expert.spec.backbone.vocabulary,
      longestText: Math.min(...longest),
    },
    part,
    device,
  );
  const stored = ({ spec: { backbone }, folder }: LanguageModel, role: string): StoredModel => ({
    backbone,
    parts: languageModelParts(backbone),
    folder,
    role,
  });
  return displayedAs(model, () =>
    rewardModelLook(dexperts, model, [
      stored(expert, "expert"),
      stored(antiExpert, "anti-expert"),
    ]));
}

function openExpert(path: string): Promise<LanguageModel> {
  return openLanguageModel(
    path,
    (kind) => `An expert must be a language model, but '${path}' holds a model of kind ${kind}`,
  );
}

/** What one of the models is given: its own blocks of the past. */
function partOf({ ids, past }: StepInputs, from: number, to?: number): Omit<StepInputs, "running"> {
  const { settled, fresh, padding } = past;
  return {
    ids,
    past: {
      settled: settled && { ...settled, layers: settled.layers.slice(from, to) },
      fresh: fresh?.slice(from, to),
      padding,
    },
  };
}

/** Logits of the candidates after the last token read, `[batch, 1, k]`. */
function readBy(
  { spec: { backbone }, parameters }: Expert,
  { ids, past }: Omit<StepInputs, "running">,
  candidates: Tensor<"int64"> | undefined,
): { logits: Float; fresh: readonly LayerCache[] } {
  const { hidden, fresh } = forwardStep(backbone, parameters, ids, past);
  const last = unsqueeze(atLastToken(hidden, { ids }), [1]);
  return { logits: tokenLogits(backbone, parameters, last, candidates), fresh };
}
