import type { Interval } from "./bootstrap.ts";

/**
 * An estimate with its interval as a table shows them, such as "0.84 [0.77, 0.90]"; the estimate alone where the interval
 * is not known.
 *
 * @param digits after the decimal point.
 */
export function intervalText({ estimate, low, high }: Interval, digits = 3): string {
  const [text, ...ends] = [estimate, low, high].map((value) => value.toFixed(digits));
  return Number.isFinite(low) && Number.isFinite(high) ? `${text} [${ends.join(", ")}]` : text;
}
