import type { LanguageModelEffect } from "../eval/precision/language_model_effect.ts";
import type { RewardModelEffect } from "../eval/precision/reward_model_effect.ts";
import type { StepSpeed } from "../eval/precision/step_speed.ts";

/** Bytes of the weights of a model and of its copy. */
export interface WeightSizes {
  readonly whole: number;
  readonly reduced: number;
}

/** A quantity, what it is of the model and of its copy, and what is to be said of the two. */
type Line = readonly [what: string, whole: string, reduced: string, note?: string];

/** What reduced precision does to a language model, as a table for the terminal. */
export function languageModelTable(
  { tokens, logitError, perplexity, step }: LanguageModelEffect,
  sizes: WeightSizes,
  precision: string,
): string {
  const { whole, reduced } = perplexity;
  const change = 100 * (reduced / whole - 1);
  return table(precision, [
    [
      `perplexity of ${tokens} tokens`,
      whole.toFixed(2),
      reduced.toFixed(2),
      `${change < 0 ? "" : "+"}${change.toFixed(2)} %`,
    ],
    ["relative error of logits", "", logitError.toPrecision(2)],
    ...costs(step, sizes),
  ]);
}

/** What reduced precision does to a reward model, as a table for the terminal. */
export function rewardModelTable(
  { scores, meanDifference, largestDifference, spread, step }: RewardModelEffect,
  sizes: WeightSizes,
  precision: string,
): string {
  return table(precision, [
    [`difference of ${scores} scores, mean`, "", meanDifference.toPrecision(2)],
    ["the largest", "", largestDifference.toPrecision(2)],
    ["spread of a step's scores", spread.toPrecision(2), ""],
    ...costs(step, sizes),
  ]);
}

function costs(step: StepSpeed, sizes: WeightSizes): Line[] {
  const megabytes = (bytes: number) => (bytes / 1e6).toPrecision(3);
  return [
    [
      "a step of 25 texts, ms",
      step.whole.toPrecision(3),
      step.reduced.toPrecision(3),
      `${(step.whole / step.reduced).toFixed(2)} × as fast`,
    ],
    ["weights, MB", megabytes(sizes.whole), megabytes(sizes.reduced)],
  ];
}

function table(precision: string, lines: readonly Line[]): string {
  const all: readonly Line[] = [["", "float32", precision], ...lines];
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((line) => line[column]!.length)));
  return all.map(([what, whole, reduced, note = ""]) =>
    [what.padEnd(widths[0]), whole.padStart(widths[1]), reduced.padStart(widths[2]), note]
      .join("  ").trimEnd()
  ).join("\n");
}
