import type { Kind } from "../options/option.ts";
import type { BaseModel } from "./base_model.ts";

/** A base model as an argument, for `checkArgument`. */
export const baseModelKind = {
  type: "value",
  is: (value: unknown): value is BaseModel =>
    typeof value === "object" && value !== null && "start" in value && !("rule" in value),
  what: "a base model, the 'base' of await openBase()",
} as const satisfies Kind;
