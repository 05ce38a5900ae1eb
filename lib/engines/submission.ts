import { join, resolve } from "node:path";
import { writeAtomically } from "../files/atomic_write.ts";
import { lockFile } from "../files/file_lock.ts";
import { makeFolder } from "../files/make_folder.ts";
import { readLines } from "../files/lines.ts";
import { computesOnDevice, type Stage, type StageContext } from "../stages/stage.ts";
import type { PlannedStage, StageStore } from "../stages/stage_store.ts";
import type { Engine, Job, JobOrTask, QueuedTask } from "./engine.ts";
import { type JobGroup, jobGroups } from "./job_groups.ts";

/** What the names of jobs' lists end in. */
const ending = ".list";

/** How the stages of a plan stand with an engine. */
export interface SubmissionState {
  readonly total: number;
  readonly done: number;
  readonly running: readonly PlannedStage[];
  readonly waiting: readonly PlannedStage[];
  /** Those whose jobs have begun, and ended without a result. */
  readonly failed: readonly FailedStage[];
  /** All that nobody makes, those that failed included. */
  readonly open: readonly PlannedStage[];
  /** Tasks that will make stages, by their keys. */
  readonly tasks: ReadonlyMap<string, QueuedTask>;
  /** How many tasks a job had when it was submitted, by the engine's ids. */
  readonly sizes: ReadonlyMap<string, number>;
  /** Tasks that the engine holds. */
  readonly stuck: readonly QueuedTask[];
}

/** A stage whose job has begun, and ended without a result, and what the job said. */
export interface FailedStage extends PlannedStage {
  readonly log: string;
}

/** Stages on an engine that shares a folder with this machine: what is submitted is told by files beside the results. */
export class Submission {
  readonly #store: StageStore;
  readonly #engine: Engine;
  readonly #context: Pick<StageContext, "device">;
  readonly #asks: boolean;

  /** @param asks whether the engine is asked how things stand; otherwise nothing is taken to be queued. Default true. */
  constructor(
    store: StageStore,
    engine: Engine,
    context: Pick<StageContext, "device">,
    { asks = true }: { readonly asks?: boolean } = {},
  ) {
    this.#asks = asks;
    this.#store = store;
    this.#engine = engine;
    this.#context = context;
  }

  /** Folder of the jobs' lists and scripts. */
  get folder(): string {
    return join(resolve(this.#store.path), this.#engine.name);
  }

  /** Keeps others from submitting to this store, where the file system has locks. */
  async lock(signal: AbortSignal): Promise<Disposable> {
    await makeFolder(this.#logs);
    const lock = await lockFile(join(this.folder, "lock"), { signal });
    return lock ?? { [Symbol.dispose]() {} };
  }

  /**
   * How the stages stand now.
   *
   * @throws {Error} if the engine cannot be reached, or a stage that is to be made lacks something.
   */
  async state(results: readonly Stage[]): Promise<SubmissionState> {
    // the queue first: what ends in between has its result then
    const queue = this.#asks ? await this.#engine.queued() : [];
    const missing = await this.#store.missing(results, this.#context);
    const lists = await this.#lists();
    const under = new Map<string, QueuedTask>();
    const sizes = new Map<string, number>();
    for (const task of queue) {
      sizes.set(task.id, lists.get(task.job)?.length ?? 0);
      for (const key of lists.get(task.job)?.[task.task] ?? []) under.set(key, task);
    }
    // what was refused, or dropped with what it waited for, has never begun, and has none
    const written = new Set(await namesIn(this.#logs));
    const logs = new Map<string, string>();
    for (const [job, tasks] of lists) {
      tasks.forEach((keys, task) => {
        const log = `${job}-${task}.log`;
        if (!written.has(log)) return;
        for (const key of keys) logs.set(key, join(this.#logs, log));
      });
    }
    const open = missing.filter(({ key }) => !under.has(key));
    const running = missing.filter(({ key }) => under.get(key)?.isRunning);
    const total = (await this.#store.plan(results, this.#context)).length;
    return {
      total,
      done: total - missing.length,
      running,
      waiting: missing.filter(({ key }) => under.get(key)?.isRunning === false),
      failed: open.flatMap((planned) => {
        const log = logs.get(planned.key);
        return log === undefined ? [] : [{ ...planned, log }];
      }),
      open,
      tasks: under,
      sizes,
      stuck: queue.filter(({ job, isStuck }) => isStuck && lists.has(job)),
    };
  }

  /**
   * Submits what nobody makes, each behind what it needs.
   *
   * @param command the command line that makes a stage, whose key is put behind it.
   * @param most jobs' tasks in all, roughly: where there are more stages, a task makes several.
   * @param onScript called with every script; without `submits` nothing else happens.
   * @returns how many tasks were submitted.
   */
  async submit(
    { open, tasks: queued, sizes, stuck }: SubmissionState,
    { command, most = Infinity, submits = true, onScript = () => {} }: {
      command: readonly string[];
      most?: number;
      submits?: boolean;
      onScript?: (script: string) => void;
    },
  ): Promise<number> {
    const { usualTasks } = this.#engine;
    const largest = this.#asks ? await this.#engine.mostTasks() : usualTasks;
    const each = Math.max(1, Math.ceil(open.length / most));
    const ids = new Map<JobGroup, JobOrTask[]>();
    let count = 0;
    if (submits && stuck.length > 0) await this.#engine.release(stuck);
    for (const group of jobGroups(open, queued, this.#context.device)) {
      const tasks = chunks(group.stages.map(({ key }) => key), each);
      const after = [...group.after].flatMap((other) => ids.get(other)!);
      const own: JobOrTask[] = [];
      for (const some of chunks(tasks, largest)) {
        const name = jobName();
        const job: Job = {
          name,
          tasks: some.length,
          list: this.#listOf(name),
          logs: this.#logs,
          command,
          after: [...after, ...jobsOrTasks(group.afterTasks, sizes)],
          onDevice: group.stages.some(({ stage }) => computesOnDevice(stage)),
        };
        const script = this.#engine.script(job);
        onScript(script);
        count += some.length;
        if (!submits) {
          own.push({ id: name });
          continue;
        }
        // the list first, and it stays where the engine fails, since a job may be in the queue though its answer was lost: there it tells by
        // its name which stages it makes
        await writeAtomically(job.list, some.map((keys) => `${keys.join(" ")}\n`).join(""));
        own.push({ id: await this.#engine.submit(script) });
      }
      ids.set(group, own);
    }
    return count;
  }

  get #logs(): string {
    return join(this.folder, "logs");
  }

  #listOf(name: string): string {
    return join(this.folder, `${name}${ending}`);
  }

  /** The keys of all jobs' tasks, by their names. */
  async #lists(): Promise<Map<string, string[][]>> {
    const lists = new Map<string, string[][]>();
    const names = (await namesIn(this.folder)).filter((name) => name.endsWith(ending))
      .map((name) => name.slice(0, -ending.length));
    // in the order in which they were submitted, so that the last log of a stage is the one that is told
    for (const job of names.sort()) {
      lists.set(job, [...await readLines(this.#listOf(job))].map((line) => line.split(" ")));
    }
    return lists;
  }
}

/** Tasks as they are waited for: a job that has to be through as a whole, and that none of its tasks has left yet, by its id alone. */
function jobsOrTasks(
  tasks: Iterable<QueuedTask>,
  sizes: ReadonlyMap<string, number>,
): JobOrTask[] {
  return [...Map.groupBy(tasks, ({ id }) => id)].flatMap(([id, some]) =>
    some.length === sizes.get(id) ? [{ id }] : some.map(({ task }) => ({ id, task }))
  );
}

/** Names in a folder; none, if it is not there. */
async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** A name that no other job has, and that is sorted behind those before it, as long as clocks agree. */
function jobName(): string {
  const time = new Date().toISOString().replace(/\D/g, "").slice(2, 14);
  return `${time}-${crypto.randomUUID().slice(0, 8)}`;
}

function chunks<Item>(items: readonly Item[], size: number): Item[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, i) => items.slice(i * size, (i + 1) * size));
}
