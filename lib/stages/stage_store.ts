import { basename, join } from "node:path";
import { removeAbandoned, writeAtomically } from "../files/atomic_write.ts";
import { cannotWrite } from "../files/file_errors.ts";
import { lockFile, openLockFile } from "../files/file_lock.ts";
import { readJsonFile } from "../files/json_file.ts";
import { interruptible } from "../notebook/interruption.ts";
import { makeFolder } from "../files/make_folder.ts";
import { shardName } from "./divided.ts";
import { before, inOrder, type Json, keyOf, type Stage, type StageContext } from "./stage.ts";

/** What stands in a result's folder beside the result: how it came about. */
export interface StageRecord {
  readonly kind: string;
  readonly title: string;
  readonly settings: Json;
  readonly device: string;
  /** Keys of the results it was made from, by the stage's names for them. */
  readonly needs: Readonly<Record<string, string>>;
  /** Seconds that the call took that finished it. */
  readonly seconds: number;
  /** When it was finished, in UTC. */
  readonly finished: string;
}

/** A stage of a plan. */
export interface PlannedStage {
  readonly key: string;
  readonly stage: Stage;
  /** Whether its result is there. */
  readonly done: boolean;
}

const recordFile = "stage.json";

/** Thrown when a run was stopped by its signal; what was finished is kept. */
export class StageInterrupted extends Error {}

/**
 * A folder of stages' results. A result has its final name only when it is whole, so a run that was killed goes on
 * where it was, and processes that run at the same time use each other's results.
 */
export class StageStore {
  /** The folder. */
  readonly path: string;

  /** @param path the folder; it is made with the first result. */
  constructor(path: string) {
    this.path = path;
  }

  /** The folder of a stage's result, whether it is there or not. */
  folderOf(stage: Stage, context: Pick<StageContext, "device">): string {
    const [name] = stage.kind.split("/");
    return join(this.path, `${name}-${keyOf(stage, context.device)}`);
  }

  /** What a run of these stages would do, in order. */
  async plan(
    stages: readonly Stage[],
    context: Pick<StageContext, "device">,
  ): Promise<PlannedStage[]> {
    const there = await this.#names();
    return [...inOrder(stages, context.device)].map(([key, stage]) => (
      { key, stage, done: there.has(basename(this.folderOf(stage, context))) }
    ));
  }

  /**
   * Those of a plan that a run makes, in order. A result that only led to results that are there need not be made again.
   *
   * @throws {Error} if one of them lacks something.
   */
  async missing(
    stages: readonly Stage[],
    context: Pick<StageContext, "device">,
  ): Promise<PlannedStage[]> {
    const planned = await this.plan(stages, context);
    const missing = new Map(planned.flatMap((each) => each.done ? [] : [[each.key, each]]));
    const wanted = new Set<string>();
    const want = (stage: Stage): void => {
      const key = keyOf(stage, context.device);
      if (!missing.has(key) || wanted.has(key)) return;
      wanted.add(key);
      before(stage).forEach(want);
    };
    stages.forEach(want);
    const found = planned.filter(({ key }) => wanted.has(key));
    for (const { stage } of found) if (stage.lacks !== undefined) throw new Error(stage.lacks);
    return found;
  }

  /**
   * Makes the results that are not there, with all that they need, and gives the folders of `stages`.
   *
   * @param onStage called when a result is about to be made.
   * @throws {Error} before anything is made, if a stage that has to be made lacks something.
   * @throws {StageInterrupted} if the signal, or Stop in a notebook, stopped the run.
   * @throws what making a result throws; those finished before are kept.
   */
  async run(
    stages: readonly Stage[],
    given: StageContext,
    onStage: (stage: Stage, place: number, count: number) => void = () => {},
  ): Promise<string[]> {
    using work = interruptible(given.signal);
    const context = { ...given, signal: work.signal ?? given.signal };
    const wanted = await this.missing(stages, context);
    await this.#removeLeftLocks(stages, context);
    let place = 0;
    for (const { stage } of wanted) {
      if (context.signal.aborted) throw new StageInterrupted("The run was stopped.");
      onStage(stage, ++place, wanted.length);
      await this.make(stage, context);
    }
    return stages.map((stage) => this.folderOf(stage, context));
  }

  /** How the result in a folder came about. @throws {Error} if there is none. */
  async record(folder: string): Promise<StageRecord> {
    return await readJsonFile(join(folder, recordFile)) as StageRecord;
  }

  /**
   * Makes a result whose needs are there, unless somebody else has made it, or makes it just now: that is waited for.
   *
   * @throws what making it throws.
   */
  async make(stage: Stage, context: StageContext): Promise<void> {
    const folder = this.folderOf(stage, context);
    await makeFolder(this.path);
    const lock = `${folder}.lock`;
    using held = await lockFile(lock, { signal: context.signal }).catch((error) => {
      throw context.signal.aborted ? new StageInterrupted("The run was stopped.") : error;
    });
    // what others left is gone on with only where nobody else can do so at the same time
    const unfinished = held ? `${folder}.part` : `${folder}.${crypto.randomUUID()}.part`;
    if (!await this.#isDone(folder)) await this.#makeIn(unfinished, folder, stage, context);
    // removed while it is locked, so that nobody else's goes
    await Deno.remove(lock).catch(() => {});
  }

  async #makeIn(
    unfinished: string,
    folder: string,
    stage: Stage,
    context: StageContext,
  ): Promise<void> {
    await makeFolder(unfinished);
    const began = performance.now();
    const needs = Object.entries(stage.needs);
    const shards = (stage.shards ?? []).map((shard, i) => [shardName(i), shard] as const);
    await stage.make(
      unfinished,
      Object.fromEntries(
        [...needs, ...shards].map(([name, need]) => [name, this.folderOf(need, context)]),
      ),
      context,
    );
    if (context.signal.aborted) throw new StageInterrupted("The run was stopped.");
    await removeAbandoned(unfinished);
    const record: StageRecord = {
      kind: stage.kind,
      title: stage.title,
      settings: stage.settings,
      device: context.device.name,
      needs: Object.fromEntries(needs.map(([name, need]) => [name, keyOf(need, context.device)])),
      seconds: (performance.now() - began) / 1000,
      finished: new Date().toISOString(),
    };
    await writeAtomically(join(unfinished, recordFile), JSON.stringify(record, null, 2) + "\n");
    await Deno.rename(unfinished, folder).catch(async (cause) => {
      // where nothing can be locked, somebody else may have been faster: a result is never replaced
      if (!await this.#isDone(folder)) throw cannotWrite(folder, cause);
      await Deno.remove(unfinished, { recursive: true });
    });
  }

  /** Which of some results are there, as far as this host can see. */
  async areThere(
    stages: readonly Stage[],
    context: Pick<StageContext, "device">,
  ): Promise<boolean[]> {
    const there = await this.#names();
    return stages.map((stage) => there.has(basename(this.folderOf(stage, context))));
  }

  /** Removes the locks of results that are there: of those whose maker died before it did so. */
  async #removeLeftLocks(
    stages: readonly Stage[],
    context: Pick<StageContext, "device">,
  ): Promise<void> {
    const there = await this.#names();
    for (const { stage, done } of await this.plan(stages, context)) {
      const lock = `${this.folderOf(stage, context)}.lock`;
      if (!done || !there.has(basename(lock))) continue;
      using file = await openLockFile(lock).catch(() => undefined);
      const isNobodys = await file?.tryLock(true).catch(() => false);
      if (isNobodys) await Deno.remove(lock).catch(() => {});
    }
  }

  /** Names in the folder. It is listed, since what single files are asked for may be known from before. */
  async #names(): Promise<Set<string>> {
    const names = new Set<string>();
    try {
      for await (const { name } of Deno.readDir(this.path)) names.add(name);
    } catch {
      // it is made with the first result
    }
    return names;
  }

  async #isDone(folder: string): Promise<boolean> {
    return await Deno.stat(join(folder, recordFile)).then(({ isFile }) => isFile, () => false);
  }
}
