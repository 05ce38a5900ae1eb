import assert from "node:assert/strict";
import { join } from "node:path";
import type { Engine, JobOrTask, QueuedTask } from "../../lib/engines/engine.ts";
import { Submission } from "../../lib/engines/submission.ts";
import { divided } from "../../lib/stages/divided.ts";
import { defineStage, type Stage } from "../../lib/stages/stage.ts";
import { StageStore } from "../../lib/stages/stage_store.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const cost = { seconds: 1, disk: 1, memory: 1 };
const context = { device: cpu, signal: new AbortController().signal };

/** A stage of six rows, which may be divided, and what needs it. */
function plan(): Stage[] {
  const base = defineStage({
    kind: "base/1",
    title: "base",
    settings: null,
    needs: {},
    cost,
    make: () => Promise.resolve(),
  });
  const rows = defineStage({
    kind: "rows/1",
    title: "rows",
    settings: null,
    needs: { base },
    cost,
    make: () => Promise.resolve(),
    division: {
      rows: 6,
      part: 1,
      make: () => Promise.resolve(),
      merge: () => Promise.resolve(),
    },
  });
  return divided([rows], 6);
}

/** A queue in memory, whose jobs end when they are told to: a second engine behind the interface. */
class Queue implements Engine {
  readonly name = "queue";
  readonly usualTasks = 4;
  readonly submitted: string[] = [];
  /** Whether it takes no more jobs. */
  refuses = false;
  tasks: QueuedTask[] = [];

  isHere(): Promise<boolean> {
    return Promise.resolve(true);
  }

  mostTasks(): Promise<number> {
    return Promise.resolve(4);
  }

  queued(): Promise<QueuedTask[]> {
    return Promise.resolve(this.tasks);
  }

  script({ name, tasks, after, onDevice }: Parameters<Engine["script"]>[0]): string {
    return JSON.stringify({ name, tasks, after, onDevice });
  }

  submit(script: string): Promise<string> {
    if (this.refuses) return Promise.reject(new Error("no more jobs"));
    const { name, tasks, after, onDevice } = JSON.parse(script);
    const names = (after as JobOrTask[]).map(({ id, task }) =>
      task === undefined ? id : `${id}_${task}`
    );
    const id = `${this.submitted.length + 1}`;
    const where = onDevice ? "" : " on any machine";
    this.submitted.push(`${tasks} after ${names.join("+") || "nothing"}${where}`);
    for (let task = 0; task < tasks; task++) {
      this.tasks.push({ job: name, id, task, isRunning: false, isStuck: false });
    }
    return Promise.resolve(id);
  }

  release(): Promise<void> {
    return Promise.resolve();
  }
}

Deno.test("what nobody makes is submitted in arrays behind what it needs, and what failed once more, behind what is still queued", async () => {
  await withTemporaryFolder(async (folder) => {
    const [engine, store] = [new Queue(), new StageStore(folder)];
    const submission = new Submission(store, engine, context);
    using _lock = await submission.lock(context.signal);
    const titles = (some: readonly { stage: Stage }[]) => some.map(({ stage }) => stage.title);
    const first = await submission.state(plan());
    assert.deepEqual([first.total, first.done, first.open.length, first.failed], [8, 0, 8, []]);
    await submission.submit(first, { command: ["x"] });
    assert.deepEqual(engine.submitted, [
      "1 after nothing",
      "4 after 1",
      "2 after 1",
      "1 after 1+2+3 on any machine",
    ]);
    // nothing is submitted twice
    assert.equal(await submission.submit(await submission.state(plan()), { command: ["x"] }), 0);
    // the base is made; of the shards three were killed, and so what needs them was dropped before it began
    const [base] = await store.plan(plan(), context);
    await store.make(base.stage, context);
    for (const { job, id, task } of engine.tasks.filter(({ id, task }) => id === "2" && task < 3)) {
      const log = join(submission.folder, "logs", `${job}-${task}.log`);
      await Deno.writeTextFile(log, `killed, as ${id}`);
    }
    engine.tasks = engine.tasks.filter(({ id, task }) => id === "3" || (id === "2" && task === 3));
    engine.tasks[0] = { ...engine.tasks[0], isRunning: true };
    const second = await submission.state(plan());
    assert.equal(second.done, 1);
    assert.deepEqual(titles(second.running), ["rows, 4 to 4"]);
    assert.deepEqual(titles(second.waiting), ["rows, 5 to 5", "rows, 6 to 6"]);
    const killed = [1, 2, 3].map((row) => `rows, ${row} to ${row}`);
    assert.deepEqual(titles(second.failed), killed);
    assert.deepEqual(titles(second.open), [...killed, "Merging: rows"]);
    assert.match(await Deno.readTextFile(second.failed[0].log), /^killed/);
    await submission.submit(second, { command: ["x"], most: 2 });
    // a job is waited for as a whole only where all of it is needed and still there
    assert.deepEqual(engine.submitted.slice(4), [
      "2 after nothing",
      "1 after 5+2_3+3 on any machine",
    ]);
  });
});

Deno.test("what the engine refused is new and has not failed, and is submitted with the next call", async () => {
  await withTemporaryFolder(async (folder) => {
    const [engine, store] = [new Queue(), new StageStore(folder)];
    const submission = new Submission(store, engine, context);
    using _lock = await submission.lock(context.signal);
    engine.refuses = true;
    const first = await submission.state(plan());
    await assert.rejects(submission.submit(first, { command: ["x"] }), /no more jobs/);
    engine.refuses = false;
    const second = await submission.state(plan());
    assert.deepEqual([second.open.length, second.failed], [8, []]);
    assert.equal(await submission.submit(second, { command: ["x"] }), 8);
  });
});
