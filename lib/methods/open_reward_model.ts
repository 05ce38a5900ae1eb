import {
  type BackboneSpec,
  type LanguageModelSpec,
  parseModelSpec,
  shapesOf,
} from "./model_spec.ts";
import { tokenizerDifference } from "../data/same_tokenizer.ts";
import { loadTokenizer, type Tokenizer } from "../data/tokenizer.ts";
import { tokenizerKind } from "../data/tokenizer_kind.ts";
import { displayedAs, lookOf } from "../notebook/display.ts";
import { checkArgument, settle } from "../options/settle.ts";
import type { OptionsOf, OptionTable } from "../options/option.ts";
import type { Device } from "../runtime/device.ts";
import { deviceKind } from "../runtime/device_kind.ts";
import { modelAt } from "../weights/hub.ts";
import { hubOptions } from "../weights/hub/hub_options.ts";
import {
  configPath,
  openModelFolder,
  parametersIn,
  readModelConfig,
  type StoredParameters,
} from "../weights/model_folder.ts";
import { byText } from "./by_text/by_text.ts";
import { type ByTextOptions, byTextOptions } from "./by_text/by_text_options.ts";
import { openArm } from "./arm.ts";
import { openDefined } from "./defined.ts";
import { openDexperts } from "./dexperts.ts";
import { openGedi } from "./gedi.ts";
import { openRad } from "./rad.ts";
import { type RadOptions, radOptions } from "./rad_options.ts";
import type { RewardModel } from "./reward_model.ts";
import { rewardModelLook } from "./reward_model_look.ts";

/** What `openRewardModel` takes. */
export const openRewardModelOptions = {
  baseTokenizer: {
    ...tokenizerKind,
    help:
      "that of the base model that is steered: where the reward model's own is another, it reads candidates as text",
  },
  ...byTextOptions,
  ...radOptions,
  ...hubOptions,
} as const satisfies OptionTable;

/** What `openRewardModel` takes. */
export type OpenRewardModelOptions = OptionsOf<typeof openRewardModelOptions>;

/**
 * Opens a reward model.
 *
 * @param what its folder, or its name on the hub, such as `owner/name`, from where it is fetched.
 * @throws {TypeError} if the folder holds a language model, or a model of another tokenizer than the base model's that
 *   rates no texts (DExperts).
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
  const { baseTokenizer, retokenize, plain, ...hub } = settle(
    "openRewardModel",
    openRewardModelOptions,
    options,
  );
  if (options.retokenize !== undefined && !baseTokenizer) {
    throw new TypeError(
      "openRewardModel: 'retokenize' is of models whose tokenizer is not the base model's: give that as 'baseTokenizer'.",
    );
  }
  const path = await modelAt(what, hub);
  const model = await openAt(path, device, { plain });
  try {
    return baseTokenizer ? await readBy(baseTokenizer, model, path, retokenize) : model;
  } catch (error) {
    await model[Symbol.asyncDispose]();
    throw error;
  }
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
  if (rule === "never") {
    throw new Error(
      `The base model and '${path}' have different tokenizers (${difference}), so use models that share one.`,
    );
  }
  const reading = byText(model, { own, base, rule, difference });
  return displayedAs(reading, async () => await lookOf(model) ?? { "text/plain": model.kind });
}

async function openAt(path: string, device: Device, options: RadOptions): Promise<RewardModel> {
  const spec = parseModelSpec(await readModelConfig(path), configPath(path));
  if (spec.kind === "lm") {
    throw new TypeError(
      `'${path}' holds a language model, not a reward model: train one with \`deno task train reward\`.`,
    );
  }
  if (spec.kind === "dexperts") return await openDexperts(spec, path, device);
  const folder = await openModelFolder(path);
  const model = openFrom(spec, parametersIn(folder, shapesOf(spec)), device, options);
  return displayedAs(model, () => rewardModelLook(spec, model, [{ spec, folder }]));
}

/** A new kind is one more file and one case here. */
function openFrom(
  spec: Exclude<BackboneSpec, LanguageModelSpec>,
  parameters: StoredParameters,
  device: Device,
  options: RadOptions,
): RewardModel {
  switch (spec.kind) {
    case "arm":
      return openArm(spec, parameters, device);
    case "rad":
    case "fudge":
      return openRad(spec, parameters, device, options);
    case "gedi":
      return openGedi(spec, parameters, device);
    case "defined":
      return openDefined(spec, parameters, device);
  }
}
