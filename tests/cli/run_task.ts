import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../..", import.meta.url));

/** What a command printed, and how it ended. */
export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** Waits for a task's end. */
export async function outcomeOf(child: Deno.ChildProcess): Promise<Outcome> {
  const { code, stdout, stderr } = await child.output();
  const text = new TextDecoder();
  // With an empty cache Deno itself says what it fetches.
  const said = text.decode(stderr).replace(/^Download \S+\n/gm, "");
  return { code, stdout: text.decode(stdout), stderr: said };
}

/** Runs tasks with these variables in their environment, which this process has not: it is that of all tests. */
export function tasksWith(env: Readonly<Record<string, string>>) {
  /** A `deno task` that has been started, with the permissions that it has for users. */
  const startTask = (task: string, args: readonly string[]): Deno.ChildProcess =>
    new Deno.Command(Deno.execPath(), {
      args: ["task", "--quiet", task, ...args],
      cwd: repository,
      env: { NO_COLOR: "1", ...env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();

  /** Runs a task to its end, which must be a good one. */
  const runTask = async (task: string, ...args: string[]): Promise<Outcome> => {
    const outcome = await outcomeOf(startTask(task, args));
    assert.equal(outcome.code, 0, `${task} ${args.join(" ")}\n${outcome.stderr}`);
    return outcome;
  };

  /** Runs a task that must end with this exit code and one line on standard error that says why. */
  const refuse = async (
    code: number,
    reason: RegExp,
    task: string,
    ...args: string[]
  ): Promise<void> => {
    const outcome = await outcomeOf(startTask(task, args));
    const what = `${task} ${args.join(" ")}\n${outcome.stdout}${outcome.stderr}`;
    assert.equal(outcome.code, code, what);
    assert.equal(outcome.stdout, "", what);
    assert.match(outcome.stderr, /^error: [^\n]+\n$/, what);
    assert.match(outcome.stderr, reason, what);
  };

  return { startTask, runTask, refuse };
}

export const { startTask, runTask, refuse } = tasksWith({});
