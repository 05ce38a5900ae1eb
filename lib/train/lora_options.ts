import type { Lora } from "../models/lora.ts";
import type { OptionsOf, OptionTable } from "../options/option.ts";

/** What low-rank adaptation takes. */
export const loraTable = {
  rank: {
    type: "integer",
    min: 1,
    default: 8,
    help: "rank r of the adapters",
    former: ["r"],
  },
  alpha: {
    type: "number",
    above: 0,
    defaultHelp: "twice the rank",
    help: "α, by which what they add is multiplied, over the rank",
    former: ["lora_alpha"],
  },
  targetModules: {
    type: "list",
    of: { type: "text" },
    empty: false,
    defaultHelp: "all linear layers of the blocks",
    help: "linear layers that are adapted, by the ends of their names",
    former: ["target_modules"],
  },
  rslora: {
    type: "boolean",
    default: false,
    help: "divide α by the root of the rank, as rsLoRA does",
    former: ["use_rslora"],
  },
} as const satisfies OptionTable;

/** Low-rank adaptation, of everything that trains from a model. */
export const loraOptions = {
  lora: {
    type: "options",
    of: loraTable,
    textual: true,
    placeholder: "rank=8,alpha=16",
    defaultHelp: "all of the model trains",
    help:
      "train adapters of low rank beside the frozen weights of the base model, and the head; further settings are " +
      "targetModules=a+b and rslora=true",
  },
} as const satisfies OptionTable;

export type LoraOptions = OptionsOf<typeof loraTable>;

/** The adaptation that was asked for. */
export function loraOf(
  { rank = 8, alpha = 2 * rank, targetModules, rslora = false }: LoraOptions,
): Lora {
  return { rank, alpha, targetModules, rslora };
}
