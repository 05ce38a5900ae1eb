import type { ConstantData, TensorType } from "./tensor.ts";

/** The most values by which a constant is compared with others. */
const mostValues = 64;

/** A text that is equal for constants that are equal, bit by bit; undefined for one with many values. */
export function constantKey({ dtype, shape }: TensorType, data: ConstantData): string | undefined {
  return data.length > mostValues
    ? undefined
    : JSON.stringify([dtype, shape, [...data].map(exactly)]);
}

/** A number as text, −0 told from 0. */
function exactly(value: number | bigint): string {
  return Object.is(value, -0) ? "-0" : String(value);
}
