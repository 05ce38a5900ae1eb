import { freeDisk, freeMemory } from "../files/room.ts";
import { linesIn } from "../files/stream_lines.ts";
import { invoked } from "./invocation.ts";
import { ownProgram } from "./own_program.ts";

/** How this program is started again for a part of its work. */
export interface OwnProcess {
  /** The command that runs, as `main.ts` knows it. */
  readonly command: string;
  readonly args: readonly string[];
  /** Seconds after which it is ended. */
  readonly seconds: number;
  /** What its environment has beside that of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Bytes of its temporary files: they are in memory where there is room for twice as many. Default 0. */
  readonly scratch?: number;
  /** Whether it may start programs itself. */
  readonly mayRun?: boolean;
  /** Told its number once it runs. */
  readonly onStart?: (pid: number) => void;
  readonly signal?: AbortSignal;
}

const permissions = ["allow-read", "allow-write", "allow-env", "allow-ffi", "allow-sys"];

/** Linux's file system in memory. */
const inMemory = "/dev/shm";

/** Where temporary files of that many bytes go: weights that are written to a disk take longer than all that reads them. */
async function scratchParent(bytes: number): Promise<string | undefined> {
  const room = await freeDisk(inMemory).catch(() => 0);
  return Math.min(room, freeMemory()) > 2 * bytes ? inMemory : undefined;
}

/**
 * Runs a command of this program in a process of its own, which may crash or hang without harm: it has a folder for
 * temporary files that is removed when it has ended, and is ended when its time is over.
 *
 * @returns the JSON objects that it prints, one a line; at the end what went wrong, or undefined.
 * @throws the signal's reason if it is aborted.
 */
export async function* runOwnProcess(
  { command, args, seconds, env = {}, scratch = 0, mayRun = false, onStart, signal }: OwnProcess,
): AsyncGenerator<unknown, string | undefined> {
  signal?.throwIfAborted();
  const dir = scratch > 0 ? await scratchParent(scratch) : undefined;
  const folder = await Deno.makeTempDir({ dir, prefix: "armature-part-" });
  // as a task the module is the command; elsewhere the command is the first argument
  const { program } = invoked();
  const named = program === "deno task" ? [] : [command];
  // Deno lets a program into /dev/shm that may do everything, as this one then does
  const allowed = dir === inMemory
    ? ["allow-all"]
    : [...permissions, ...(mayRun ? ["allow-run"] : [])];
  const [deno, ...started] = ownProgram(allowed, [...named, ...args]);
  const child = new Deno.Command(deno, {
    args: started,
    env: { ...env, TMPDIR: folder, NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    // a group of its own, which is ended with all that it has started
    detached: Deno.build.os !== "windows",
  }).spawn();
  onStart?.(child.pid);
  let isLate = false;
  const end = () => {
    try {
      if (Deno.build.os === "windows") child.kill("SIGKILL");
      else Deno.kill(-child.pid, "SIGKILL");
    } catch {
      // it has ended
    }
  };
  const timer = setTimeout(() => {
    isLate = true;
    end();
  }, 1000 * seconds);
  signal?.addEventListener("abort", end);
  try {
    const said = new Response(child.stderr).text();
    for await (const line of linesIn(child.stdout, { torn: false })) {
      // drivers write to standard output as well
      if (line.startsWith("{")) yield JSON.parse(line);
    }
    const { success, code, signal: killedBy } = await child.status;
    signal?.throwIfAborted();
    if (isLate) return `it was not done within ${Math.round(seconds)} seconds`;
    if (success) return undefined;
    const lines = (await said).split("\n").filter((line) => line.startsWith("error: "));
    if (killedBy === null && lines.length > 0) return lines.at(-1)!.slice("error: ".length);
    return `the process ended with ${killedBy ?? `code ${code}`}`;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", end);
    end();
    await child.status;
    await Deno.remove(folder, { recursive: true });
  }
}
