import type { OptionsOf, OptionTable } from "../options/option.ts";
import { seedOption } from "../options/seed_option.ts";
import { signalOption } from "../options/signal_option.ts";
import type { MetricsRow } from "./metrics_row.ts";
import type { Example } from "./objective.ts";
import { scheduleOptions } from "./schedule.ts";

const isOnStep = (value: unknown): value is (row: MetricsRow) => void =>
  typeof value === "function";
const isExamples = (value: unknown): value is readonly Example[] => Array.isArray(value);

/** How a training goes through its texts, whatever it trains. */
export const fitSteps = {
  epochs: {
    type: "number",
    above: 0,
    default: 5,
    help: "passes over the texts",
    placeholder: "n",
  },
  maxSteps: {
    type: "integer",
    min: 1,
    defaultHelp: "no limit",
    help: "end after so many steps, if that is sooner",
  },
  batchSize: {
    type: "integer",
    min: 1,
    default: 100,
    help: "texts in a batch",
    former: ["batch", "batchRows"],
  },
  accumulationSteps: {
    type: "integer",
    min: 1,
    default: 1,
    help: "parts that a batch is computed in, to save memory",
    former: ["parts"],
  },
  seed: { ...seedOption, help: "seed of weights, order and what is drawn" },
  evaluateEvery: {
    type: "integer",
    min: 1,
    defaultHelp: "once an epoch",
    help: "steps between evaluations on the held-out texts",
  },
  checkpointEvery: { type: "integer", min: 1, default: 200, help: "steps between checkpoints" },
  signal: signalOption,
  onStep: {
    type: "value",
    is: isOnStep,
    what: "a function of a row of metrics",
    help: "called after every step",
  },
} as const satisfies OptionTable;

/** What `fit` takes. */
export const fitOptions = {
  ...scheduleOptions,
  ...fitSteps,
  evaluation: {
    type: "value",
    is: isExamples,
    what: "a list of examples",
    help: "texts to evaluate on",
  },
  folder: {
    type: "text",
    help: "folder for metrics.jsonl and the checkpoint; without it neither is written",
  },
  run: {
    type: "text",
    default: "",
    help:
      "what the run is (data, model, settings): a checkpoint with another description is refused",
  },
  label: { type: "text", default: "Training", help: "what the progress bar calls the run" },
} as const satisfies OptionTable;

export type FitOptions = OptionsOf<typeof fitOptions>;
