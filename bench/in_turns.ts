import { median } from "../lib/eval/median.ts";

/** Milliseconds a step, and how many times as long a steered one takes. */
export interface StepTimes {
  readonly unguided: number;
  readonly steered: number;
  readonly ratio: number;
}

/**
 * Measures writing unguided and steered in turns: medians over rounds, and the median of their ratios. The first round loads, and is
 * not counted.
 *
 * @param sides give the milliseconds of a step.
 */
export async function inTurns(
  rounds: number,
  sides: Readonly<Record<"unguided" | "steered", () => Promise<number>>>,
  signal?: AbortSignal,
): Promise<StepTimes> {
  const times: [number, number][] = [];
  for (let round = 0; round <= rounds && !signal?.aborted; round++) {
    times.push([await sides.unguided(), await sides.steered()]);
  }
  const counted = times.slice(1);
  const middle = (values: number[]) => Number(median(values).toFixed(3));
  return {
    unguided: middle(counted.map(([a]) => a)),
    steered: middle(counted.map(([, b]) => b)),
    ratio: middle(counted.map(([a, b]) => b / a)),
  };
}
