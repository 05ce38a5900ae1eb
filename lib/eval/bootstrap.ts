import type { Kind, OptionsOf, OptionTable } from "../options/option.ts";
import { seedOption } from "../options/seed_option.ts";
import { checkArgument, settle } from "../options/settle.ts";
import { Random } from "../random.ts";

/** The options of {@linkcode bootstrapInterval}. */
export const bootstrapIntervalOptions = {
  seed: { ...seedOption, help: "seed of the resampling" },
  resamples: {
    type: "integer",
    min: 1,
    default: 1000,
    help: "how many times the prompts are drawn anew",
  },
  level: {
    type: "number",
    above: 0,
    below: 1,
    default: 0.95,
    help: "the share of resampled statistics that lies in the interval",
  },
} as const satisfies OptionTable;

/** The options of {@linkcode bootstrapInterval}. */
export type BootstrapOptions = OptionsOf<typeof bootstrapIntervalOptions>;

/** A statistic of the data with its confidence interval. */
export interface Interval {
  /** The statistic of the values as they are. */
  estimate: number;
  low: number;
  high: number;
}

const valuesKind = {
  type: "value",
  is: Array.isArray,
  what: "a list with one entry a prompt",
} as const satisfies Kind;

const statisticKind = {
  type: "value",
  is: (value: unknown) => typeof value === "function",
  what: "a function from a list of such entries to a number",
} as const satisfies Kind;

/**
 * The percentile bootstrap interval of a statistic over prompts (Efron, 1979).
 *
 * Prompts are drawn with replacement and everything that belongs to a prompt is drawn with it,
 * because continuations of one prompt are not independent. Resamples whose statistic is NaN (all
 * drawn prompts without a score) are left out. One prompt says nothing of the spread: `low` and
 * `high` are then NaN.
 *
 * @example The perplexity is a mean over continuations, resampled by prompt
 * ```ts
 * import { bootstrapInterval } from "./bootstrap.ts";
 * import { meanPerplexity } from "./perplexity.ts";
 *
 * const perPrompt = [[12, 14], [30, 28, 31], [9]];
 * const { low, high } = bootstrapInterval(
 *   perPrompt,
 *   (prompts) => meanPerplexity(prompts.flat()).mean,
 *   { seed: 1 },
 * );
 * ```
 *
 * @param valuesPerPrompt One entry a prompt: a number, or all that belongs to the prompt.
 * @param statistic Computes the statistic of a list of such entries.
 * @throws {RangeError} if there is no prompt or an option is out of range.
 * @throws {TypeError} if an argument or an option is of another type, or an option is unknown.
 */
export function bootstrapInterval<T>(
  valuesPerPrompt: readonly T[],
  statistic: (sample: readonly T[]) => number,
  options: BootstrapOptions = {},
): Interval {
  checkArgument("bootstrapInterval", "valuesPerPrompt", valuesKind, valuesPerPrompt);
  checkArgument("bootstrapInterval", "statistic", statisticKind, statistic);
  const { seed, resamples, level } = settle("bootstrapInterval", bootstrapIntervalOptions, options);
  const prompts = valuesPerPrompt.length;
  if (prompts === 0) {
    throw new RangeError("Cannot bootstrap as there is no prompt: pass the values of at least one");
  }
  const estimate = statistic(valuesPerPrompt);
  if (prompts === 1) return { estimate, low: NaN, high: NaN };

  const random = new Random(seed, "bootstrap");
  const statistics = Array.from(
    { length: resamples },
    () =>
      statistic(Array.from({ length: prompts }, () => valuesPerPrompt[random.integer(prompts)])),
  );
  return { estimate, ...percentileInterval(statistics, level) };
}

/** The interval that holds a share of resampled statistics; those that are NaN are left out. */
export function percentileInterval(
  statistics: readonly number[],
  level: number,
): { low: number; high: number } {
  if (!(level > 0 && level < 1)) {
    throw new RangeError(`Cannot bootstrap as 'level' must be between 0 and 1: it is ${level}`);
  }
  const sorted = Float64Array.from(statistics.filter((value) => !Number.isNaN(value))).sort();
  return { low: quantile(sorted, (1 - level) / 2), high: quantile(sorted, (1 + level) / 2) };
}

/** The quantile of sorted values by linear interpolation between the two nearest (R's type 7). */
function quantile(sorted: Float64Array, share: number): number {
  if (sorted.length === 0) return NaN;
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.ceil(position);
  return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
}
