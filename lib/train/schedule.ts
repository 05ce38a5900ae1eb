import type { OptionsOf, OptionTable } from "../options/option.ts";

/** How the learning rate goes over a run. */
export const schedules = ["constant", "linear", "cosine"] as const;
export type ScheduleName = typeof schedules[number];

/** How the learning rate goes over a run, as options. */
export const scheduleOptions = {
  learningRate: {
    type: "number",
    above: 0,
    required: true,
    help: "highest learning rate",
    former: ["rate"],
  },
  schedule: {
    type: "choice",
    of: schedules,
    default: "constant",
    help:
      "how the learning rate goes: constant, or a fall along a line or half a cosine that reaches 0 after the last step",
    former: ["shape"],
  },
  warmupSteps: {
    type: "integer",
    min: 0,
    default: 0,
    help: "steps over which the learning rate first rises from 0",
    former: ["warmup"],
  },
} as const satisfies OptionTable;

export type Schedule = OptionsOf<typeof scheduleOptions>;

/** The learning rate of step `step` (from 1) of `steps`. */
export function rateAt(
  { learningRate, schedule = "constant", warmupSteps = 0 }: Schedule,
  step: number,
  steps: number,
): number {
  if (step <= warmupSteps) return learningRate * step / warmupSteps;
  const done = (step - 1 - warmupSteps) / Math.max(1, steps - warmupSteps);
  switch (schedule) {
    case "constant":
      return learningRate;
    case "linear":
      return learningRate * (1 - done);
    case "cosine":
      return learningRate * 0.5 * (1 + Math.cos(Math.PI * done));
  }
}
