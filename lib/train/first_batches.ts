import { Random } from "../random.ts";
import { batchesOf } from "./batches.ts";
import { holdOut } from "./encode.ts";
import { cut } from "./fit.ts";
import type { FitOptions } from "./fit_options.ts";
import { type Example, lengthOf, longest } from "./objective.ts";

/** What is computed at once in the first epoch of a run over these examples. @param options of the run. */
export function firstBatches(
  examples: readonly Example[],
  { holdOut: share, seed, batchSize, accumulationSteps }:
    & Required<Pick<FitOptions, "seed" | "batchSize" | "accumulationSteps">>
    & { readonly holdOut: number },
): (readonly Example[])[] {
  const { training } = holdOut(examples, share, seed);
  const none = new Random(seed, "none");
  return batchesOf(training.map(lengthOf), { batchSize, seed, epoch: 0 })
    .map((batch) => Array.from(batch, (i) => training[i]))
    .filter((batch) => longest(batch) > 0)
    .flatMap((batch) => cut(batch, accumulationSteps, none).map(({ examples }) => examples));
}
