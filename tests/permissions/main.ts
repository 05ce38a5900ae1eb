/**
 * Runs a small command of each task once for each permission that the task has, without that one: it must fail, and for that reason.
 * A permission that the command does without is one too many. Exits 1 if there is one.
 *
 * usage: deno run -A tests/permissions/main.ts [TASK…]
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { HubServer } from "../hub_server.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { type Permission, smallCommands, writeInputs } from "./small_commands.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const { tasks } = JSON.parse(await Deno.readTextFile(join(repository, "deno.json"))) as {
  tasks: Record<string, { command: string }>;
};

/** The permissions that a task has, without those of the task whose program it runs. */
function permissionsOf(task: string): Permission[] {
  const kinds = (name: string) =>
    [...tasks[name].command.matchAll(/--allow-(\w+)/g)].map(([, kind]) => kind as Permission);
  const plain = task.replace(/:net$/, "");
  return plain === task ? kinds(task) : kinds(task).filter((kind) =>
    !kinds(plain).includes(kind) ||
    kind === "net"
  );
}

/** What a command says that lacks a permission, where it is not Deno's own sentence. */
const refusals: Readonly<Partial<Record<Permission, RegExp>>> = {
  read: /requires read access|there is no such folder/i,
  write: /requires write access|unscoped --allow-read and --allow-write/i,
  net: /requires net access|may not use the network/i,
};

/** Runs a task's command without one of its permissions. @returns what is wrong, where it does not fail for want of it. */
async function problemWithout(
  kind: Permission,
  task: string,
  folder: string,
  env: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  const words = smallCommands[task];
  const args = (typeof words === "string" ? words : words(kind)).split(" ").filter(Boolean);
  const [run, ...flags] = tasks[task].command.split(" ").slice(1)
    .filter((flag) => !flag.startsWith(`--allow-${kind}`))
    .map((word) => word.endsWith(".ts") ? join(repository, word) : word);
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [run, "--config", join(repository, "deno.json"), ...flags, ...args],
    cwd: folder,
    // the user's own folder is where caches are that nothing else names
    env: kind === "sys"
      ? { ...env, ARMATURE_CACHE: "", XDG_CACHE_HOME: "", HF_HUB_CACHE: "" }
      : env,
    stdin: "null",
    // a server that is not refused would go on
    signal: AbortSignal.timeout(60_000),
  }).output();
  if (success) return `${task} does without --allow-${kind}.`;
  const said = new TextDecoder().decode(stderr) + new TextDecoder().decode(stdout);
  const refusal = refusals[kind] ?? RegExp(`requires ${kind} access`, "i");
  if (refusal.test(said)) return;
  return `${task} without --allow-${kind} does not fail for want of it: ${
    said.trim().slice(0, 400)
  }`;
}

const problems: string[] = [];
await withTemporaryFolder(async (folder) => {
  await writeInputs(folder);
  await using hub = new HubServer();
  hub.serve("owner/name", { "config.json": "{}" });
  const cache = join(folder, "out-cache");
  const env = {
    ...{ NO_COLOR: "1", OMP_NUM_THREADS: "1", ARMATURE_DEBUG: "", HF_ENDPOINT: hub.endpoint },
    ...{ ARMATURE_CACHE: cache, HF_HUB_CACHE: join(cache, "hub") },
  };
  for (const task of Deno.args.length > 0 ? Deno.args : Object.keys(smallCommands)) {
    const kinds = permissionsOf(task);
    const found: string[] = [];
    for (const kind of kinds) {
      const problem = await problemWithout(kind, task, folder, env);
      if (problem) found.push(problem);
      for await (const { name } of Deno.readDir(folder)) {
        if (name.startsWith("out")) await Deno.remove(join(folder, name), { recursive: true });
      }
    }
    if (found.length === 0) console.log(`${task} needs ${kinds.join(", ")}`);
    problems.push(...found);
  }
});
for (const problem of problems) console.error(problem);
if (problems.length > 0) Deno.exitCode = 1;
