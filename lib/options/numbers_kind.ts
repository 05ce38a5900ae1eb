import type { Kind } from "./option.ts";

/** Several numbers as an argument, for `checkArgument`: a list, a typed array, or whatever else gives them one by one. */
export const numbersKind = {
  type: "value",
  is: (value: unknown): value is Iterable<number> =>
    typeof value === "object" && value !== null && Symbol.iterator in value,
  what: "a list of numbers",
} as const satisfies Kind;
