import { join } from "node:path";

/** The folder of data sets: what the user says, or the environment, or beside the checkout. */
export function dataFolder(given?: string): string {
  return given ?? Deno.env.get("ARMATURE_DATA") ?? join("..", "shared", "data");
}
