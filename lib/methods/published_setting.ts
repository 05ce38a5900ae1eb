import type { OptionTable } from "../options/option.ts";
import type { RunOptions } from "../train/training_options.ts";

/** The setting of methods whose authors' code differs from the paper. */
export const publishedSetting = {
  published: {
    type: "boolean",
    default: false,
    help:
      "losses as in the authors' code, and, where nothing else is given, its AdamW: weight decay 0.01 (of matrices only), a " +
      "rate of 1e-5 that falls along a line, and gradients of norm 2 at most",
  },
} as const satisfies OptionTable;

/** What the authors' code sets otherwise than the paper (golden README, "The code and the formulas", 5). */
export const publishedAdamW = {
  learningRate: 1e-5,
  schedule: "linear",
  weightDecay: 0.01,
  decayAll: false,
  maxGradNorm: 2,
} as const satisfies Partial<RunOptions>;
