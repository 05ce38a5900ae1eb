import { dirname, join } from "node:path";
import { invoked } from "./invocation.ts";
import { ownProgram } from "./own_program.ts";

const permissions = ["read", "write", "env", "ffi", "sys", "net"] as const;

/**
 * The command line that starts this program with its arguments once more, as a process of its own that may do no more than this one, and
 * start no others.
 */
export async function ownCommand(): Promise<string[]> {
  const launcher = join(dirname(Deno.execPath()), "armature");
  const isPacked = invoked().program === "armature" &&
    await Deno.stat(launcher).then(({ isFile }) => isFile, () => false);
  if (isPacked) return [launcher, ...Deno.args];
  const allowed = permissions.filter((name) =>
    Deno.permissions.querySync({ name }).state === "granted"
  );
  return ownProgram(allowed.map((name) => `allow-${name}`), Deno.args);
}
