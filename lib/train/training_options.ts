import type { OptionsOf, OptionTable } from "../options/option.ts";
import { adamWOptions } from "./adamw_options.ts";
import { fitSteps } from "./fit_options.ts";
import { loraOptions } from "./lora_options.ts";
import type { TrainingMemory } from "./training_memory.ts";
import { scheduleOptions } from "./schedule.ts";

/** What every kind of training takes. */
export const trainingOptions = {
  out: {
    type: "text",
    required: true,
    placeholder: "dir",
    help: "folder for the model, its metrics and checkpoints",
  },
  ...loraOptions,
  ...scheduleOptions,
  learningRate: {
    type: "number",
    above: 0,
    defaultHelp: "as the model's width asks for, see the guide of training",
    help: "highest learning rate",
    former: ["rate"],
  },
  ...fitSteps,
  recompute: {
    type: "boolean",
    default: false,
    help:
      "compute activations once more for the gradients instead of keeping them: less memory, in 10 to 20 % more time",
  },
  ...adamWOptions,
  onStart: {
    type: "value",
    is: (value: unknown): value is (memory: TrainingMemory) => void => typeof value === "function",
    what: "a function that is told what memory training takes",
    help: "called before anything is loaded, with what training takes of memory at most, in bytes",
  },
  holdOut: {
    type: "number",
    min: 0,
    max: 0.9,
    default: 0.02,
    help: "share of the texts kept for evaluation",
    placeholder: "share",
  },
  resume: {
    type: "boolean",
    default: false,
    help:
      "go on from the folder's checkpoint, or with more epochs from the end of its finished run, if there is one",
  },
  overwrite: {
    type: "boolean",
    default: false,
    help: "replace what the folder holds; with resume, where that cannot go on",
  },
  keepOptimizer: {
    type: "boolean",
    default: true,
    help:
      "the optimizer's state beside the finished model, twice its size, with which it goes on for more epochs",
  },
} as const satisfies OptionTable;

/** What a run takes once it is known what it trains. */
export const runOptions = {
  ...trainingOptions,
  ...scheduleOptions,
} as const satisfies OptionTable;

export type RunOptions = OptionsOf<typeof runOptions>;
