import type { OptionsOf, OptionTable } from "../options/option.ts";
import { checkArgument, settle } from "../options/settle.ts";
import { numbersKind } from "../options/numbers_kind.ts";
/**
 * A mean over all that belongs to some prompts, kept as one sum and one count a prompt, so that resampling prompts is a
 * matter of adding numbers: the mean of a sample of prompts is Σ sums / Σ counts.
 */
export interface PromptMeans {
  /** One a prompt. */
  readonly sums: ArrayLike<number>;
  /** One a prompt; 0 where nothing is known of the prompt. */
  readonly counts: ArrayLike<number>;
}

/** The options of {@linkcode promptMeans}. */
export const promptMeansOptions = {
  limit: {
    type: "number",
    defaultHelp: "none",
    help: "values of this or more are left out, as perplexities of 1e5 or more are",
  },
} as const satisfies OptionTable;

/** The options of {@linkcode promptMeans}. */
export type PromptMeansOptions = OptionsOf<typeof promptMeansOptions>;

/** The mean of the values of all prompts: NaN and values at the limit or above are left out. */
export function promptMeans(
  valuesPerPrompt: readonly ArrayLike<number>[],
  options: PromptMeansOptions = {},
): PromptMeans {
  checkArgument(
    "promptMeans",
    "valuesPerPrompt",
    { type: "list", of: numbersKind },
    valuesPerPrompt,
  );
  const { limit = Infinity } = settle("promptMeans", promptMeansOptions, options);
  const sums = new Float64Array(valuesPerPrompt.length);
  const counts = new Float64Array(valuesPerPrompt.length);
  valuesPerPrompt.forEach((values, prompt) => {
    for (let i = 0; i < values.length; i++) {
      if (!(values[i] < limit)) continue;
      sums[prompt] += values[i];
      counts[prompt]++;
    }
  });
  return { sums, counts };
}

/** The mean of the prompts with the given indices, each as often as it is named; NaN if nothing is known of them. */
export function meanOf({ sums, counts }: PromptMeans, prompts: ArrayLike<number>): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < prompts.length; i++) {
    sum += sums[prompts[i]];
    count += counts[prompts[i]];
  }
  return sum / count;
}
