import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { invoked } from "./invocation.ts";

const permissions = ["read", "write", "env", "ffi", "sys", "net"] as const;

/**
 * The command line that starts this program with its arguments once more, as a process of its own that may do no more than this one, and
 * start no others.
 */
export async function ownCommand(): Promise<string[]> {
  const deno = Deno.execPath();
  const launcher = join(dirname(deno), "armature");
  const isPacked = invoked().program === "armature" &&
    await Deno.stat(launcher).then(({ isFile }) => isFile, () => false);
  if (isPacked) return [launcher, ...Deno.args];
  const allowed = permissions.filter((name) =>
    Deno.permissions.querySync({ name }).state === "granted"
  );
  const settings = ["--quiet", "--no-prompt", "--v8-flags=--max-semi-space-size=4"];
  // a package of npm's has its modules beside it, and no configuration
  if (invoked().program === "armature") settings.push("--node-modules-dir=manual");
  const main = fileURLToPath(Deno.mainModule);
  return [
    deno,
    "run",
    ...settings,
    ...allowed.map((name) => `--allow-${name}`),
    main,
    ...Deno.args,
  ];
}
