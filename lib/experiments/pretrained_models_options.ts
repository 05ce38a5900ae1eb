import type { OptionsOf, OptionTable } from "../options/option.ts";
import { findModelOptions } from "../weights/pretrained/find_model.ts";
import { worldModelsOptions } from "./world_models_options.ts";

/** The attributes that ARMs on a pretrained model are trained for, by their folders' names. */
export const attributes = ["positive", "polite"] as const;
export type Attribute = typeof attributes[number];

/** What `trainPretrainedModels` takes. */
export const pretrainedModelsOptions = {
  out: { ...worldModelsOptions.out, default: "runs/demo-pretrained" },
  seed: worldModelsOptions.seed,
  texts: { type: "integer", min: 100, default: 2500, help: "texts that each ARM is trained on" },
  attributes: {
    type: "list",
    of: { type: "choice", of: attributes },
    empty: false,
    default: attributes,
    placeholder: "name",
    help: "what ARMs are trained for",
  },
  data: {
    type: "text",
    placeholder: "dir",
    defaultHelp: "ARMATURE_DATA, or else ../shared/data",
    help: "folder of data sets, where RealToxicityPrompts is looked for before the hub is asked",
  },
  ...findModelOptions,
  signal: worldModelsOptions.signal,
  onStage: worldModelsOptions.onStage,
} as const satisfies OptionTable;

/** What `trainPretrainedModels` takes. */
export type PretrainedModelsOptions = OptionsOf<typeof pretrainedModelsOptions>;
