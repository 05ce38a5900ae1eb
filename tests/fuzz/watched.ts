import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Parser } from "./parser.ts";
import type { Cases, Failure, Outcome } from "./run_cases.ts";

/** What a worker is told. */
export interface WorkerTask extends Cases {
  /** The module with the list of parsers. */
  readonly list: string;
  /** Where it may write. */
  readonly folder: string;
  /** The file in which it says which case it is at. */
  readonly place: string;
  /** When it is to stop, if it is not done before. */
  readonly ends?: number;
}

/** How cases are watched. */
export interface WatchOptions {
  /** The module with the list of parsers. */
  readonly list?: string;
  /** Milliseconds without a new case after which the process hangs. */
  readonly patience?: number;
  /** When to stop, as `Date.now()` counts. */
  readonly ends?: number;
  /** Is told now and then which case it is at. */
  readonly onCase?: (index: number) => void;
}

const worker = fileURLToPath(new URL("worker.ts", import.meta.url));
const repository = fileURLToPath(new URL("../..", import.meta.url));

/** More than the heap of a parser ever needs; what needs more ends the process. */
const heapMegabytes = 512;

/**
 * Runs cases of a parser in processes that may read the project and write into one folder, and do nothing else. A process that
 * crashes, hangs or grows is a failure of the case that it was at; the next one goes on behind it.
 */
export async function watchedCases(
  parser: Parser,
  { parser: name, seed, from, to }: Cases,
  {
    list = new URL("parsers.ts", import.meta.url).href,
    patience = 60_000,
    ends,
    onCase = () => {},
  }: WatchOptions = {},
): Promise<Outcome> {
  const failures: Failure[] = [];
  let [cases, read] = [0, 0];
  const folder = await Deno.makeTempDir();
  const place = join(folder, "place");
  try {
    for (let next = from; next < to && failures.length < 20;) {
      const own = await Deno.makeTempDir({ dir: folder });
      // before the first case, so that the time it takes to start is none of the case's
      index(place, next - 0.5);
      const task: WorkerTask = {
        ...{ parser: name, seed, from: next, to, list, folder: own, place, ends },
      };
      const { outcome, problem } = await inProcess(parser, task, patience, onCase);
      await Deno.remove(own, { recursive: true });
      const at = Math.ceil(index(place));
      cases += outcome?.cases ?? at - next + 1;
      read += outcome?.read ?? 0;
      failures.push(...outcome?.failures ?? [], ...(problem ? [{ index: at, problem }] : []));
      if (outcome) break;
      next = at + 1;
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  return { cases, read, failures };
}

/** The case that a worker is at, which is first put there if it is given. */
function index(place: string, first?: number): number {
  if (first !== undefined) Deno.writeFileSync(place, new Uint8Array(Float64Array.of(first).buffer));
  return new Float64Array(Deno.readFileSync(place).buffer)[0];
}

/** Runs a worker to its end. @returns its outcome, or what is wrong with the process. */
async function inProcess(
  parser: Parser,
  task: WorkerTask,
  patience: number,
  onCase: (index: number) => void,
): Promise<{ outcome?: Outcome; problem?: string }> {
  const { permissions = [], generatesCode } = parser;
  const flags = [`--max-old-space-size=${heapMegabytes}`];
  if (!generatesCode) flags.push("--disallow-code-generation-from-strings");
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--no-prompt", `--v8-flags=${flags.join(",")}`],
      ...[`--allow-read=${repository},${task.folder},${task.place}`],
      ...[`--allow-write=${task.folder},${task.place}`, "--allow-env", ...permissions],
      ...[worker, JSON.stringify(task)],
    ],
    cwd: repository,
    clearEnv: true,
    env: environment(task.folder),
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let [at, since, hangs] = [task.from - 0.5, Infinity, false];
  const look = setInterval(() => {
    const now = index(task.place);
    if (now !== at) [at, since] = [now, performance.now()];
    onCase(Math.ceil(now));
    if (hangs || performance.now() - since < patience) return;
    hangs = true;
    child.kill("SIGKILL");
  }, Math.min(500, patience / 4));
  const { success, code, signal, stdout, stderr } = await child.output();
  clearInterval(look);
  const [said] = new TextDecoder().decode(stdout).trim().split("\n").slice(-1);
  if (success && said !== "") return { outcome: JSON.parse(said) };
  if (hangs) return { problem: `it hangs: no end after ${patience / 1000} s` };
  const why = new TextDecoder().decode(stderr).trim().split("\n").slice(0, 3).join(" ");
  return { problem: `the process ends (${signal ?? code}): ${why.slice(0, 300)}` };
}

/** All that a worker sees of the environment. */
function environment(folder: string): Record<string, string> {
  const kept = ["PATH", "HOME", "DENO_DIR", "SYSTEMROOT"].flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(kept),
    TMPDIR: folder,
    ARMATURE_CACHE: folder,
    HF_HUB_CACHE: folder,
    HF_HUB_OFFLINE: "1",
    OMP_NUM_THREADS: "1",
    NO_COLOR: "1",
  };
}
