import type { Kind } from "./option.ts";

/** Several texts as their token ids, for `checkArgument`. */
export const tokenIdsKind = {
  type: "list",
  of: { type: "list", of: { type: "integer", min: 0 } },
} as const satisfies Kind;
