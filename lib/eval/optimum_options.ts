import type { Kind, OptionsOf, OptionTable } from "../options/option.ts";
import { bootstrapIntervalOptions } from "./bootstrap.ts";

const minEffective = {
  type: "number",
  min: 1,
  default: 30,
  help:
    "how many samples a prompt the importance weights have to be worth; stronger optima are not told",
} as const;

/** The options of {@linkcode optimumFrontier}. */
export const optimumFrontierOptions = {
  minEffective,
  ...bootstrapIntervalOptions,
} as const satisfies OptionTable;

/** The options of {@linkcode optimumFrontier}. */
export type OptimumFrontierOptions = OptionsOf<typeof optimumFrontierOptions>;

/** The options of {@linkcode optimumGap}. */
export const optimumGapOptions = {
  beta: {
    type: "number",
    min: 0,
    defaultHelp: "the one at which the optimum has the method's own mean reward",
    help: "the strength β of the optimum that the method is compared with",
  },
  minEffective,
  ...bootstrapIntervalOptions,
} as const satisfies OptionTable;

/** The options of {@linkcode optimumGap}. */
export type OptimumGapOptions = OptionsOf<typeof optimumGapOptions>;

/** Numbers of every text, prompt by prompt, as an argument. */
export const perPromptKind = {
  type: "value",
  is: (value: unknown): value is readonly ArrayLike<number>[] =>
    Array.isArray(value) && value.every((each) => typeof each?.length === "number"),
  what: "a list with one list of numbers a prompt",
} as const satisfies Kind;
