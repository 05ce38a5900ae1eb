import { median } from "../median.ts";

/** What a step of each of two models takes, in milliseconds. */
export interface StepSpeed {
  readonly whole: number;
  readonly reduced: number;
}

/**
 * The median time of a step of two models, whose steps alternate, so that what else the machine does meets both.
 *
 * @param steps how many steps are timed; one before them is not.
 */
export async function timeSteps(
  whole: () => Promise<unknown>,
  reduced: () => Promise<unknown>,
  steps: number,
): Promise<StepSpeed> {
  const timed = async (step: () => Promise<unknown>) => {
    const began = performance.now();
    await step();
    return performance.now() - began;
  };
  const times = { whole: [] as number[], reduced: [] as number[] };
  for (let i = 0; i <= steps; i++) {
    const first = i % 2 === 0;
    if (first) times.whole.push(await timed(whole));
    times.reduced.push(await timed(reduced));
    if (!first) times.whole.push(await timed(whole));
  }
  return { whole: median(times.whole.slice(1)), reduced: median(times.reduced.slice(1)) };
}
