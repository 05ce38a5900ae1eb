import type { Option } from "./option.ts";

/** The seed of what is random; the largest is the largest whole number that JavaScript holds exactly. */
export const seedOption = {
  type: "integer",
  min: 0,
  max: 9_007_199_254_740_991,
  default: 0,
  help: "seed of everything random",
} as const satisfies Option;
