import type { Random } from "../random.ts";
import type { Example } from "../train/objective.ts";

/** So many batches of examples, in passes over all of them that are shuffled anew each time. */
export function drawnBatches(
  examples: readonly Example[],
  { steps, batchSize }: { readonly steps: number; readonly batchSize: number },
  random: Random,
): Example[][] {
  const order: Example[] = [];
  while (order.length < steps * batchSize) order.push(...random.shuffle([...examples]));
  return Array.from(
    { length: steps },
    (_, i) => order.slice(i * batchSize, (i + 1) * batchSize),
  );
}
