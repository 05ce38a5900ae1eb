import { fileURLToPath } from "node:url";
import { invoked } from "./invocation.ts";

/**
 * Deno, and with what it starts this program once more.
 *
 * @param allowed what the process may do, by Deno's flags without their dashes: `allow-read`.
 */
export function ownProgram(
  allowed: readonly string[],
  args: readonly string[],
): [program: string, ...args: string[]] {
  return [
    Deno.execPath(),
    "run",
    "--quiet",
    "--no-prompt",
    "--v8-flags=--max-semi-space-size=4",
    // a package of npm's has its modules beside it, and no configuration
    ...(invoked().program === "armature" ? ["--node-modules-dir=manual"] : []),
    ...allowed.map((flag) => `--${flag}`),
    fileURLToPath(Deno.mainModule),
    ...args,
  ];
}
