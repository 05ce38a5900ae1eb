import type { Option } from "./option.ts";

/** What stops a long call, as Stop does in a notebook. */
export const signalOption = {
  type: "value",
  is: (value: unknown): value is AbortSignal => value instanceof AbortSignal,
  what: "an AbortSignal",
  help: "stops the work before its next step, as Stop does in a notebook",
} as const satisfies Option;
