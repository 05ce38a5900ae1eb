import type { NumberKind } from "./option.ts";

/** Whether a number is finite, within the bounds, and whole where it has to be. */
export function isInRange(
  { type, min = -Infinity, max = Infinity, above = -Infinity, below = Infinity }: NumberKind,
  value: number,
): boolean {
  const isNumber = type === "integer" ? Number.isSafeInteger(value) : Number.isFinite(value);
  return isNumber && value >= min && value <= max && value > above && value < below;
}
