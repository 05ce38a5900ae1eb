import type { Kind } from "../../options/option.ts";
import type { World } from "./world.ts";

/** The small world as an argument, for `checkArgument`. */
export const worldKind = {
  type: "value",
  is: (value: unknown): value is World =>
    typeof value === "object" && value !== null && "score" in value,
  what: "a small world, from createWorld()",
} as const satisfies Kind;
