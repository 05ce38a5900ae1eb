import type { OptionTable } from "../options/option.ts";

/** How the base model of an adapter is found. */
export const adapterOptions = {
  adapterBase: {
    type: "text",
    placeholder: "model",
    defaultHelp: "the one that its adapter_config.json or config.json names",
    help:
      "folder, or name on the hub, of the language model that an adapter, or a model on a trunk, belongs to",
  },
} as const satisfies OptionTable;
