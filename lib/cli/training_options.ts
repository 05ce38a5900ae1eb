import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { type DeviceChoice, deviceChoices } from "../runtime/device.ts";
import type { RunOptions } from "../train/run.ts";
import { type RateShape, rateShapes } from "../train/schedule.ts";
import { choice, integer, number, positiveInteger } from "./command.ts";

/** Where the kinds of training differ in what they do when nothing is said. */
export interface TrainingDefaults {
  epochs: number;
  batch: number;
  rate: number;
  schedule: RateShape;
  warmup: number;
}

/** What the user chose, by the names of the options. */
export interface TrainingValues extends TrainingDefaults {
  maxSteps?: number;
  parts: number;
  weightDecay: number;
  clip: number;
  seed: number;
  holdOut: number;
  evaluateEvery?: number;
  checkpointEvery: number;
  resume?: boolean;
  overwrite?: boolean;
  keepOptimizer: boolean;
  device: DeviceChoice;
}

/** Adds the options that every kind of training has; `trainingValuesOf` gives what the user chose. */
export function addTrainingOptions(
  command: CommandUnknownOpts,
  { epochs, batch, rate, schedule, warmup }: TrainingDefaults,
): void {
  command
    .optionsGroup("Training:")
    .option("--epochs <n>", "passes over the texts", positiveInteger, epochs)
    .option("--max-steps <n>", "end after so many steps, if that is sooner", positiveInteger)
    .option("--batch <n>", "texts in a batch", positiveInteger, batch)
    .option("--parts <n>", "parts that a batch is computed in, to save memory", positiveInteger, 1)
    .option("--rate <rate>", "highest learning rate", number({ min: 0 }), rate)
    .addOption(
      choice("--schedule <shape>", "how the rate falls", rateShapes).default(schedule),
    )
    .option("--warmup <steps>", "steps over which the rate rises", integer({ min: 0 }), warmup)
    .option("--weight-decay <x>", "weight decay of AdamW", number({ min: 0 }), 0.02)
    .option("--clip <norm>", "global norm to clip gradients to, 0 for none", number({ min: 0 }), 0)
    .option("--seed <n>", "seed of weights and order", integer({ min: 0 }), 0)
    .optionsGroup("Run:")
    .option(
      "--hold-out <share>",
      "share of the texts kept for evaluation",
      number({ min: 0, max: 0.9 }),
      0.02,
    )
    .option(
      "--evaluate-every <steps>",
      "steps between evaluations (default: once an epoch)",
      positiveInteger,
    )
    .option("--checkpoint-every <steps>", "steps between checkpoints", positiveInteger, 200)
    .option(
      "--resume",
      "go on from the checkpoint in the --out folder, or with more epochs from its finished run, if there is one",
    )
    .option("--overwrite", "replace what the --out folder holds")
    .option("--no-keep-optimizer", "without the optimizer's state beside the finished model")
    .addOption(
      choice("--device <name>", "where to compute (default: auto)", deviceChoices),
    );
}

/** What the user chose: the compiler cannot infer the types of so many options in reasonable time. */
export function trainingValuesOf(command: CommandUnknownOpts): TrainingValues {
  const values: unknown = command.opts();
  return values as TrainingValues;
}

/** The library's settings for what the user chose. */
export function runOptionsOf(values: TrainingValues): Omit<RunOptions, "out"> {
  const { epochs, maxSteps, parts, rate, warmup, weightDecay, seed } = values;
  const { holdOut, evaluateEvery, checkpointEvery, resume, overwrite, keepOptimizer } = values;
  return {
    epochs,
    maxSteps,
    batchSize: values.batch,
    parts,
    rate,
    shape: values.schedule,
    warmup,
    weightDecay,
    maxGradNorm: values.clip === 0 ? undefined : values.clip,
    seed,
    holdOut,
    evaluateEvery,
    checkpointEvery,
    resume,
    overwrite,
    keepOptimizer,
  };
}
