import { findModelOptions } from "../weights/pretrained/find_model.ts";
import type { OptionsOf, OptionTable } from "../options/option.ts";

/** The profiles by name. */
export const profileNames = ["world", "real", "pretrained", "paper"] as const;
/** One of them. */
export type ProfileName = typeof profileNames[number];

/** What `openProfile` takes. */
export const profileOptions = {
  data: {
    type: "text",
    required: true,
    placeholder: "dir",
    help: "folder of the data that all profiles but the world's read",
  },
  ...findModelOptions,
  budget: {
    type: "number",
    min: 0.1,
    placeholder: "minutes",
    help: "what --profile real or pretrained may take on 2 cores",
  },
  seeds: {
    type: "integer",
    min: 1,
    defaultHelp: "what the profile has",
    help: "how many seeds of training and sampling there are",
  },
  scorer: {
    type: "text",
    placeholder: "name or dir",
    help:
      "who judges toxicity with --profile paper: perspective (default), the folder of a classifier, or the name of one " +
      "for transformers.js on the hub",
  },
  settings: {
    type: "text",
    placeholder: "file",
    help: "JSON with the settings of --profile paper that are not the paper's",
  },
  scores: {
    type: "text",
    flag: false,
    defaultHelp: "they are kept with the stages",
    help: "file that keeps the scores of the paper profile's judges",
  },
} as const satisfies OptionTable;

/** What `openProfile` takes. */
export type ProfileOptions = OptionsOf<typeof profileOptions>;
