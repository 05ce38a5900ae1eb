import type { Option } from "../../options/option.ts";
import type { World } from "./world.ts";

/** The world to draw from. */
export const worldOption = {
  type: "value",
  is: (value: unknown): value is World =>
    typeof value === "object" && value !== null && "sample" in value && "score" in value,
  what: "a world, from createWorld()",
  defaultHelp: "createWorld()",
  help: "the world to draw from",
} as const satisfies Option;
