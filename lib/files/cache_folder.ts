import { homedir } from "node:os";
import { join } from "node:path";

/**
 * The folder for what can be made again: `armature` in XDG_CACHE_HOME, or else in `~/.cache`.
 *
 * @param environment what the environment says under a name.
 */
export function cacheFolder(
  environment: (name: string) => string | undefined = (name) => Deno.env.get(name),
): string {
  return join(environment("XDG_CACHE_HOME") || join(homedir(), ".cache"), "armature");
}
