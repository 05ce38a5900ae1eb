import type { OptionsOf, OptionTable } from "../options/option.ts";
import { seedOption } from "../options/seed_option.ts";
import { signalOption } from "../options/signal_option.ts";
import { type Duration, isDuration } from "./checkpoint_times.ts";
import type { MetricsRow } from "./metrics_row.ts";
import type { Example } from "./objective.ts";
import { scheduleOptions } from "./schedule.ts";

const parsedDuration = (text: string): Duration => {
  if (isDuration(text)) return text;
  throw new Error("give a time such as 90s, 10m or 1.5h");
};

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
  checkpointEvery: {
    type: "either",
    of: [{ type: "integer", min: 1 }, {
      type: "value",
      is: isDuration,
      what: "a time such as 90s, 10m or 1.5h",
      parse: parsedDuration,
    }],
    default: 200,
    placeholder: "n",
    help: "steps between checkpoints, or the time: 90s, 10m, 1.5h",
  },
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
