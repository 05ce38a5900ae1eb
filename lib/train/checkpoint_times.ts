/** A length of time in seconds, minutes or hours. */
export type Duration = `${number}${"s" | "m" | "h"}`;

const secondsOf: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** Whether a value is a length of time, such as `"90s"`, `"10m"` or `"1.5h"`. */
export function isDuration(value: unknown): value is Duration {
  return typeof value === "string" && /^\d+(\.\d+)?[smh]$/.test(value) && parseFloat(value) > 0;
}

/**
 * After which steps a checkpoint is written: a multiple of so many, or the first that ends so long after the checkpoint before.
 *
 * @returns a function that is asked after every step.
 */
export function checkpointTimes(every: number | Duration): (step: number) => boolean {
  if (typeof every === "number") return (step) => step % every === 0;
  const milliseconds = 1000 * parseFloat(every) * secondsOf[every.at(-1)!];
  let last = performance.now();
  return () => {
    const now = performance.now();
    if (now - last < milliseconds) return false;
    last = now;
    return true;
  };
}
