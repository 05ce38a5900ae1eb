import type { OptionsOf, OptionTable } from "../options/option.ts";
import { trainingOptions } from "./training_options.ts";

/** What a model that training starts from decides. */
export const modelSizes = {
  tokenizer: {
    type: "text",
    placeholder: "dir",
    defaultHelp: "one is trained on the texts",
    help: "folder of a tokenizer",
  },
  vocabularySize: {
    type: "integer",
    min: 1,
    default: 4096,
    help: "tokens of a tokenizer that is trained",
    former: ["vocabulary", "vocabSize"],
  },
  contextLength: {
    type: "integer",
    min: 2,
    default: 64,
    help: "longest text that the model reads, in tokens",
    former: ["positions"],
  },
  width: { type: "integer", min: 1, default: 128, help: "width of hidden states" },
  layers: { type: "integer", min: 1, default: 4, help: "blocks" },
  heads: { type: "integer", min: 1, default: 4, help: "attention heads of a block" },
} as const satisfies OptionTable;

/** The names of these. */
export const decidedByInit = Object.keys(modelSizes) as readonly (keyof typeof modelSizes)[];

/** What `trainLanguageModel` takes. */
export const languageModelOptions = {
  init: {
    type: "text",
    placeholder: "dir",
    defaultHelp: "random weights",
    help: "language model to start from, with its tokenizer and sizes",
  },
  ...modelSizes,
  ...trainingOptions,
  epochs: { ...trainingOptions.epochs, default: 3 },
  batchSize: { ...trainingOptions.batchSize, default: 32 },
  learningRate: {
    ...trainingOptions.learningRate,
    defaultHelp: "1e-3; with init as its width asks for",
  },
  schedule: { ...trainingOptions.schedule, default: "cosine" },
  warmupSteps: { ...trainingOptions.warmupSteps, default: 50 },
  label: {
    type: "text",
    default: "Language model",
    flag: false,
    help: "what the progress bar calls the run",
  },
} as const satisfies OptionTable;

export type LanguageModelOptions = OptionsOf<typeof languageModelOptions>;
