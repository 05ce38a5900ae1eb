/**
 * Runs cases of one parser in a process of their own, which `watched.ts` starts with the least permissions and watches: what
 * crashes, hangs or fills the memory ends this process and no other.
 */
import process from "node:process";
import type { ListedParser } from "./parsers.ts";
import { type CaseHooks, runCases } from "./run_cases.ts";
import type { WorkerTask } from "./watched.ts";

const task: WorkerTask = JSON.parse(Deno.args[0]);
const { parsers } = await import(task.list) as { parsers: readonly ListedParser[] };
const parser = await parsers.find(({ name }) => name === task.parser)!.load();

/** Megabytes by which the process may grow in a case; no input is longer than a hundredth of them. */
const { growth = 256 } = parser;

/** The memory that the process has, and the most that it or, before it began, the one that started it has had, in bytes. */
const memory = () => [Deno.memoryUsage().rss, 1024 * process.resourceUsage().maxRSS];

// what is refused is told by its message
Error.stackTraceLimit = 0;

using place = Deno.openSync(task.place, { write: true });
const index = new Float64Array(1);
const bytes = new Uint8Array(index.buffer);
const ends = task.ends ?? Infinity;
let last = memory();

const hooks: CaseHooks = {
  before(at) {
    if (Date.now() > ends) return false;
    index[0] = at;
    place.seekSync(0, Deno.SeekMode.Start);
    place.writeSync(bytes);
    return true;
  },
  after() {
    const now = memory();
    const grown = Math.max(...now.map((bytes, i) => bytes - last[i])) / 2 ** 20;
    last = now;
    if (grown > growth) return `the process grows by ${Math.round(grown)} MB`;
  },
};

console.log(JSON.stringify(await runCases(parser, task.folder, task, hooks)));
Deno.exit(0);
