import type { Kind } from "../options/option.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** A tokenizer as an argument, for `checkArgument`. */
export const tokenizerKind = {
  type: "value",
  is: (value: unknown): value is Tokenizer =>
    typeof value === "object" && value !== null && "encode" in value && "decode" in value,
  what: "a tokenizer, from await openBase() or await loadTokenizer()",
} as const satisfies Kind;
