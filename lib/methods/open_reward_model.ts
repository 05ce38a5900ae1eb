import { tokenizerDifference } from "../data/same_tokenizer.ts";
import { loadTokenizer, type Tokenizer } from "../data/tokenizer.ts";
import { tokenizerKind } from "../data/tokenizer_kind.ts";
import { partsOf } from "../inference/model_parts.ts";
import { trunkOf } from "../inference/trunk_of.ts";
import type { Parameters } from "../models/parameters.ts";
import { displayedAs, lookOf } from "../notebook/display.ts";
import { checkArgument, settle } from "../options/settle.ts";
import type { OptionsOf, OptionTable } from "../options/option.ts";
import type { Device } from "../runtime/device.ts";
import { deviceKind } from "../runtime/device_kind.ts";
import { modelAt } from "../weights/hub.ts";
import { hubOptions } from "../weights/hub/hub_options.ts";
import { configPath, parametersIn, readModelConfig } from "../weights/model_folder.ts";
import type { AdapterBaseOptions } from "../weights/adapter_base.ts";
import { adapterOptions } from "../weights/adapter_options.ts";
import { openHeadedFolder } from "./headed_folder.ts";
import { byText } from "./by_text/by_text.ts";
import { type ByTextOptions, byTextOptions } from "./by_text/by_text_options.ts";
import type { AnySettings, EnsembleMethod, HeadedModel } from "./method.ts";
import { methodOf, openingOptions } from "./mod.ts";
import {
  assemblyOf,
  headedMethodOf,
  headedModel,
  type HeadedSpec,
  isHeaded,
  isLanguageModel,
  parseModelSpec,
  shapesOf,
} from "./model_spec.ts";
import { aboveTrunkPart, nextTokenPart } from "./next_token_part.ts";
import { onePassModel } from "./one_pass.ts";
import type { Head, RewardHead } from "./reward_head.ts";
import type { RewardModel } from "./reward_model.ts";
import { otherTrunk } from "./shared_trunk.ts";
import { rewardModelLook } from "./reward_model_look.ts";

/** What `openRewardModel` takes. */
export const openRewardModelOptions = {
  baseTokenizer: {
    ...tokenizerKind,
    help:
      "that of the base model that is steered: where the reward model's own is another, it reads candidates as text",
  },
  ...byTextOptions,
  ...openingOptions,
  ...adapterOptions,
  ...hubOptions,
} as const satisfies OptionTable;

/** What `openRewardModel` takes. */
export type OpenRewardModelOptions = OptionsOf<typeof openRewardModelOptions>;

/**
 * Opens a reward model. An adapter in PEFT's format is merged with its base model.
 *
 * @param what its folder, or its name on the hub, such as `owner/name`, from where it is fetched.
 * @throws {TypeError} if the folder holds a language model, or a model of another tokenizer than the base model's that
 *   rates no texts, such as DExperts, PPLM and GenARM.
 * @throws {Error} if it is no model folder, or its weights do not fit its config, or its tokenizer is another than the base
 *   model's and is never to be.
 */
export async function openRewardModel(
  what: string,
  device: Device,
  options: OpenRewardModelOptions = {},
): Promise<RewardModel> {
  checkArgument("openRewardModel", "what", { type: "text" }, what);
  checkArgument("openRewardModel", "device", deviceKind, device);
  const { baseTokenizer, retokenize, adapterBase, ...settled } = settle(
    "openRewardModel",
    openRewardModelOptions,
    options,
  );
  if (options.retokenize !== undefined && !baseTokenizer) {
    throw new TypeError(
      "openRewardModel: 'retokenize' is of models whose tokenizer is not the base model's: give that as 'baseTokenizer'.",
    );
  }
  if (options.revision !== undefined && await isThere(what)) {
    throw new TypeError(`'${what}' is a folder, which has no option 'revision': leave it out.`);
  }
  const ofHub = Object.entries(settled).filter(([name]) => Object.hasOwn(hubOptions, name));
  const path = await modelAt(what, Object.fromEntries(ofHub));
  const access = Object.fromEntries(ofHub.filter(([name]) => name !== "revision"));
  const model = await openAt(path, device, settled, { base: adapterBase, hub: access });
  try {
    return baseTokenizer ? await readBy(baseTokenizer, model, path, retokenize) : model;
  } catch (error) {
    await model[Symbol.asyncDispose]();
    throw error;
  }
}

function isThere(path: string): Promise<boolean> {
  return Deno.stat(path).then(() => true, () => false);
}

/** A reward model as it rates the tokens of a base model: by itself, where the tokenizers are the same. */
async function readBy(
  base: Tokenizer,
  model: RewardModel,
  path: string,
  rule: NonNullable<ByTextOptions["retokenize"]>,
): Promise<RewardModel> {
  const own = await loadTokenizer(path);
  const difference = tokenizerDifference(base, own);
  if (difference === undefined) return model;
  if (model.trunk) throw new TypeError(`'${path}' ${otherTrunk(model.trunk)}`);
  if (rule === "never") {
    throw new Error(
      `The base model and '${path}' have different tokenizers (${difference}), so use models that share one.`,
    );
  }
  const reading = byText(model, { own, base, rule, difference });
  return displayedAs(reading, async () => await lookOf(model) ?? { "text/plain": model.kind });
}

async function openAt(
  path: string,
  device: Device,
  options: AnySettings,
  adapted: AdapterBaseOptions,
): Promise<RewardModel> {
  const spec = parseModelSpec(await readModelConfig(path, adapted), configPath(path));
  if (isLanguageModel(spec)) {
    throw new TypeError(
      `'${path}' holds a language model, not a reward model: train one with \`deno task train reward\`.`,
    );
  }
  if (!isHeaded(spec)) {
    const { kind, labels, ...settings } = spec;
    return await (methodOf(kind) as EnsembleMethod).open(labels, settings, path, device);
  }
  const folder = await openHeadedFolder(path, spec, adapted);
  const { backbone } = spec;
  const model = rewardModelOf(
    spec,
    await parametersIn(folder, shapesOf(spec)),
    device,
    options,
    () => trunkOf(folder, backbone, backbone.blocks.length),
  );
  const assembly = assemblyOf(spec);
  return displayedAs(model, () =>
    rewardModelLook(headedMethodOf(spec), model, [
      { backbone, parts: partsOf(assembly), folder },
    ]));
}

/**
 * A reward model of one backbone and a head. Its weights are loaded with the graph that it becomes a part of.
 *
 * @param options what its method takes for opening.
 * @param backboneIdentity what tells its backbone from others, where it is in a folder.
 */
export function rewardModelOf(
  spec: HeadedSpec,
  parameters: Parameters,
  device: Device,
  options: AnySettings = {},
  backboneIdentity?: HeadedModel<AnySettings, Head>["backboneIdentity"],
): RewardModel {
  const method = headedMethodOf(spec);
  const model = { ...headedModel(spec), backboneIdentity };
  if (method.open) return method.open(model, parameters, device, options);
  const { kind, rule, textRating, labels, backbone } = model;
  const facts = {
    kind,
    labels,
    rule,
    textRating,
    vocabulary: backbone.vocabulary,
    longestText: method.longestText?.(backbone) ?? backbone.context,
  };
  if (method.part) return onePassModel(facts, method.part(model, parameters), device);
  const ofTokens = model as HeadedModel<AnySettings, RewardHead>;
  const part = nextTokenPart(ofTokens, parameters);
  const { trunk } = spec;
  return trunk
    ? onePassModel(
      { ...facts, trunk },
      part,
      device,
      aboveTrunkPart(ofTokens, trunk.blocks, parameters),
    )
    : onePassModel(facts, part, device);
}
