import { homedir } from "node:os";
import { join } from "node:path";

/**
 * The folder for what can be made again: that of ARMATURE_CACHE, or else `armature` in XDG_CACHE_HOME or `~/.cache`.
 *
 * @param environment what the environment says under a name.
 */
export function cacheFolder(
  environment: (name: string) => string | undefined = (name) => Deno.env.get(name),
): string {
  return environment("ARMATURE_CACHE") ||
    join(environment("XDG_CACHE_HOME") || join(homedir(), ".cache"), "armature");
}
