import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { lockFile } from "../../lib/files/file_lock.ts";
import { defineStage, inOrder, type Json, keyOf, type Stage } from "../../lib/stages/stage.ts";
import { StageInterrupted, StageStore } from "../../lib/stages/stage_store.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const cost = { seconds: 1, disk: 1, memory: 1 };
const context = { device: cpu, signal: new AbortController().signal };

/** A stage that writes its settings, and what the stages it needs wrote; `made` counts its runs. */
function stageOf(settings: Json, needs: Record<string, Stage>, made: string[]): Stage {
  return defineStage({
    kind: "text/1",
    title: JSON.stringify(settings),
    settings,
    needs,
    cost,
    async make(folder, from) {
      made.push(JSON.stringify(settings));
      const parts = await Promise.all(
        Object.values(from).map((need) => Deno.readTextFile(join(need, "text"))),
      );
      await Deno.writeTextFile(
        join(folder, "text"),
        [JSON.stringify(settings), ...parts].join(" "),
      );
    },
  });
}

Deno.test("a stage is made once, after what it needs, and again only when something of that changes", async () => {
  await withTemporaryFolder(async (folder) => {
    const made: string[] = [];
    const store = new StageStore(join(folder, "store"));
    const chain = (b: number) => {
      const first = stageOf("a", {}, made);
      const second = stageOf({ b }, { first }, made);
      return stageOf("c", { first, second }, made);
    };
    const [result] = await store.run([chain(1)], context);
    assert.equal(await Deno.readTextFile(join(result, "text")), '"c" "a" {"b":1} "a"');
    assert.deepEqual(made, ['"a"', '{"b":1}', '"c"']);
    await store.run([chain(1)], context);
    assert.equal(made.length, 3);
    await store.run([chain(2)], context);
    assert.deepEqual(made.slice(3), ['{"b":2}', '"c"']);
  });
});

Deno.test("what only led to results that are there is not made again", async () => {
  await withTemporaryFolder(async (folder) => {
    const made: string[] = [];
    const store = new StageStore(folder);
    const first = stageOf("a", {}, made);
    const second = stageOf("b", { first }, made);
    await store.run([second], context);
    await Deno.remove(store.folderOf(first, context), { recursive: true });
    await store.run([second], context);
    assert.deepEqual(made, ['"a"', '"b"']);
    const plan = await store.plan([second], context);
    assert.deepEqual(plan.map(({ done }) => done), [false, true]);
  });
});

Deno.test("the lock of a maker that died when its result was there goes with the next run, and one that is held stays", async () => {
  await withTemporaryFolder(async (folder) => {
    const store = new StageStore(folder);
    const [held, left] = ["a", "b"].map((name) => stageOf(name, {}, []));
    const stages = [stageOf("c", { held, left }, [])];
    await store.run(stages, context);
    const lockOf = (stage: Stage) => `${store.folderOf(stage, context)}.lock`;
    using _lock = await lockFile(lockOf(held));
    await Deno.writeTextFile(lockOf(left), "");
    await store.run(stages, context);
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
    assert.deepEqual(names.filter((name) => name.endsWith(".lock")), [basename(lockOf(held))]);
  });
});

Deno.test("keys do not depend on the order of settings, but on device, kind and needs", () => {
  const key = (stage: Partial<Stage>, device = cpu) =>
    keyOf({ ...stageOf({ x: 1, y: [1, { a: 1, b: 2 }] }, {}, []), ...stage }, device);
  assert.equal(key({ settings: { y: [1, { b: 2, a: 1 }], x: 1 } }), key({}));
  const others = [
    key({ settings: { x: 1, y: [] } }),
    key({ kind: "text/2" }),
    key({ needs: { one: stageOf(1, {}, []) } }),
    key({}, { name: "webgpu" }),
  ];
  assert.equal(new Set([key({}), ...others]).size, 5);
  assert.equal(key({ title: "other" }), key({}));
});

Deno.test("equal stages are one, wherever they are needed", () => {
  const needs = { left: stageOf("a", {}, []), right: stageOf("a", {}, []) };
  assert.equal(inOrder([stageOf("b", needs, []), stageOf("a", {}, [])], cpu).size, 2);
});

Deno.test("a stage that failed leaves what it wrote for the next try, and no result", async () => {
  await withTemporaryFolder(async (folder) => {
    const store = new StageStore(folder);
    let tries = 0;
    const stage = defineStage({
      kind: "flaky/1",
      title: "flaky",
      settings: null,
      needs: {},
      cost,
      async make(folder) {
        const before = await Deno.readTextFile(join(folder, "text")).catch(() => "");
        await Deno.writeTextFile(join(folder, "text"), before + "x");
        if (++tries < 3) throw new Error("not yet");
      },
    });
    for (let i = 0; i < 2; i++) {
      await assert.rejects(store.run([stage], context), { message: "not yet" });
      assert.equal((await store.plan([stage], context))[0].done, false);
    }
    const [result] = await store.run([stage], context);
    assert.equal(await Deno.readTextFile(join(result, "text")), "xxx");
    const record = await store.record(result);
    assert.deepEqual([record.kind, record.device, record.needs], ["flaky/1", "cpu", {}]);
    const left = [...Deno.readDirSync(folder)].map(({ name }) => name);
    assert.deepEqual(left, [`flaky-${keyOf(stage, cpu)}`]);
  });
});

Deno.test("two runs at the same time make a result once", async () => {
  await withTemporaryFolder(async (folder) => {
    let made = 0;
    const stage = () =>
      defineStage({
        kind: "slow/1",
        title: "slow",
        settings: null,
        needs: {},
        cost,
        async make() {
          made++;
          await new Promise((resolve) => setTimeout(resolve, 50));
        },
      });
    await Promise.all([1, 2].map(() => new StageStore(folder).run([stage()], context)));
    assert.equal(made, 1);
  });
});

Deno.test("a stopped run ends before the next stage", async () => {
  await withTemporaryFolder(async (folder) => {
    const controller = new AbortController();
    const made: string[] = [];
    const first = stageOf("a", {}, made);
    const run = new StageStore(folder).run(
      [stageOf("b", { first }, made)],
      { device: cpu, signal: controller.signal },
      () => controller.abort(),
    );
    await assert.rejects(run, StageInterrupted);
    assert.deepEqual(made, ['"a"']);
  });
});

Deno.test("a run that waits for another's result can be stopped, and leaves the other alone", async () => {
  await withTemporaryFolder(async (folder) => {
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const { promise: rest, resolve: end } = Promise.withResolvers<void>();
    let made = 0;
    const stage = () =>
      defineStage({
        kind: "slow/1",
        title: "slow",
        settings: null,
        needs: {},
        cost,
        async make() {
          made++;
          begin();
          await rest;
        },
      });
    const maker = new StageStore(folder).run([stage()], context);
    await begun;
    const controller = new AbortController();
    const waiting = new StageStore(folder).run(
      [stage()],
      { device: cpu, signal: controller.signal },
      () => setTimeout(() => controller.abort()),
    );
    await assert.rejects(waiting, StageInterrupted);
    end();
    const [result] = await maker;
    assert.equal(made, 1);
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => join(folder, name)), [result]);
  });
});

Deno.test("stages that need each other in many ways are hashed once each", async () => {
  await withTemporaryFolder(async (folder) => {
    let read = 0;
    const needs: Record<string, Stage> = {};
    for (let i = 0; i < 200; i++) {
      const { settings: _, ...stage } = stageOf(i, { ...needs }, []);
      // each needs the two before it, so that there are more ways to the first than could ever be gone
      delete needs[`s${i - 2}`];
      needs[`s${i}`] = {
        ...stage,
        get settings() {
          read++;
          return i;
        },
      };
    }
    const planned = await new StageStore(folder).plan(Object.values(needs), context);
    assert.deepEqual([planned.length, read], [200, 200]);
  });
});

Deno.test("a run that lacks something says so before it makes anything, and not if the result is there", async () => {
  await withTemporaryFolder(async (folder) => {
    const made: string[] = [];
    const store = new StageStore(folder);
    const first = stageOf("a", {}, made);
    const second = stageOf("b", {}, made);
    const last = (lacks?: string) => stageOf("c", { first, second: { ...second, lacks } }, made);
    await assert.rejects(store.run([last("There is no b.")], context), {
      message: "There is no b.",
    });
    assert.deepEqual(made, []);
    assert.equal((await store.plan([last("There is no b.")], context)).length, 3);
    await store.run([last()], context);
    await store.run([last("There is no b.")], context);
    assert.equal(made.length, 3);
  });
});
