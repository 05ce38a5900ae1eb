import type { Kind } from "./option.ts";

/** Several texts as an argument, for `checkArgument`. */
export const textsKind = { type: "list", of: { type: "text" } } as const satisfies Kind;
