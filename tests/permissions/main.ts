/**
 * Runs a small command of each task with exactly the task's permissions, which must do, and once for each of them, without that one:
 * it must fail, and for that reason. A permission that the command does without is one too many. Exits 1 if something is wrong.
 *
 * usage: deno run -A tests/permissions/main.ts [TASK…]
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { HubServer } from "../hub_server.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { notRunWithAll, type Permission, smallCommands, writeInputs } from "./small_commands.ts";

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

/** What a server says last before it waits for clients. */
const listens = "(Ctrl-C ends it)";

/** Runs a task's command with the task's permissions, but for one if it is named. @returns whether it ends well, or listens. */
async function run(
  task: string,
  folder: string,
  env: Readonly<Record<string, string>>,
  without?: Permission,
): Promise<{ success: boolean; said: string }> {
  const words = smallCommands[task];
  const args = (typeof words === "string" ? words : words(without)).split(" ").filter(Boolean);
  const [run, ...flags] = tasks[task].command.split(" ").slice(1)
    .filter((flag) => without === undefined || !flag.startsWith(`--allow-${without}`))
    .map((word) => word.endsWith(".ts") ? join(repository, word) : word);
  const child = new Deno.Command(Deno.execPath(), {
    args: [run, "--config", join(repository, "deno.json"), ...flags, ...args],
    cwd: folder,
    // the user's own folder is where caches are that nothing else names
    env: without === "sys"
      ? { ...env, ARMATURE_CACHE: "", XDG_CACHE_HOME: "", HF_HUB_CACHE: "" }
      : env,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(120_000),
  }).spawn();
  const stderr = new Response(child.stderr).text();
  let said = "";
  let listening = false;
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    said += text;
    if (listening || !said.includes(listens)) continue;
    listening = true;
    child.kill("SIGKILL");
  }
  const { success } = await child.status;
  return { success: success || listening, said: await stderr + said };
}

/** @returns what is wrong, where a task's command does not do with all its permissions. */
async function problemWithAll(
  task: string,
  folder: string,
  env: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  const { success, said } = await run(task, folder, env);
  return success ? undefined : `${task} fails with its permissions: ${said.trim().slice(0, 400)}`;
}

/** @returns what is wrong, where a task's command does not fail for want of a permission. */
async function problemWithout(
  kind: Permission,
  task: string,
  folder: string,
  env: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  const { success, said } = await run(task, folder, env, kind);
  if (success) return `${task} does without --allow-${kind}.`;
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
  await hub.serveFolder("owner/base", join(folder, "base"));
  const cache = join(folder, "out-cache");
  const env = {
    ...{ NO_COLOR: "1", OMP_NUM_THREADS: "1", ARMATURE_DEBUG: "", HF_ENDPOINT: hub.endpoint },
    ...{ ARMATURE_CACHE: cache, HF_HUB_CACHE: join(cache, "hub") },
  };
  for (const task of Deno.args.length > 0 ? Deno.args : Object.keys(smallCommands)) {
    const kinds = permissionsOf(task);
    const found: string[] = [];
    const all = task in notRunWithAll ? [] : [undefined];
    for (const kind of [...all, ...kinds]) {
      const problem = kind === undefined
        ? await problemWithAll(task, folder, env)
        : await problemWithout(kind, task, folder, env);
      if (problem) found.push(problem);
      for await (const { name } of Deno.readDir(folder)) {
        if (name.startsWith("out")) await Deno.remove(join(folder, name), { recursive: true });
      }
    }
    if (found.length === 0) {
      console.log(`${task} needs ${kinds.join(", ")}${all.length > 0 ? ", and no more" : ""}`);
    }
    problems.push(...found);
  }
});
for (const problem of problems) console.error(problem);
if (problems.length > 0) Deno.exitCode = 1;
