import { fileURLToPath } from "node:url";
import { linesIn } from "../../lib/files/stream_lines.ts";
import { Progress } from "../../lib/progress.ts";
import type { SoakLine, SoakTask } from "./work.ts";

/** What became of a process of the soak. */
export interface SoakRun {
  /** What it said, each with when. */
  readonly lines: readonly (SoakLine & { readonly at: number })[];
  /** Whether it was killed, and had not ended before. */
  readonly killed: boolean;
}

/**
 * Runs a process to its end, or kills it after some seconds.
 *
 * @throws {Error} if it failed by itself.
 */
export async function runSoak(
  task: SoakTask,
  { seconds }: { readonly seconds?: number } = {},
): Promise<SoakRun> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--no-prompt", "--v8-flags=--max-semi-space-size=4"],
      ...["--allow-read", "--allow-write", "--allow-env", "--allow-ffi", "--allow-sys"],
      ...[fileURLToPath(new URL("process.ts", import.meta.url)), JSON.stringify(task)],
    ],
    stdout: "piped",
  }).spawn();
  const timer = seconds === undefined
    ? undefined
    : setTimeout(() => child.kill("SIGKILL"), 1000 * seconds);
  const progress = new Progress({ label: task.work, total: task.units, unit: "units" });
  const lines: (SoakLine & { at: number })[] = [];
  for await (const line of linesIn(child.stdout, { torn: false })) {
    lines.push({ ...JSON.parse(line), at: performance.now() });
    progress.update(lines.at(-1)!.unit);
  }
  progress.done();
  const { success, signal } = await child.status;
  clearTimeout(timer);
  const killed = timer !== undefined && signal === "SIGKILL";
  if (!success && !killed) throw new Error(`A process of ${task.work} failed.`);
  return { lines, killed };
}
