import assert from "node:assert/strict";
import { join } from "node:path";
import { divided } from "../../lib/stages/divided.ts";
import { defineStage, keyOf, type Stage } from "../../lib/stages/stage.ts";
import { StageStore } from "../../lib/stages/stage_store.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const cost = { seconds: 8, disk: 80, memory: 1 };
const context = { device: cpu, signal: new AbortController().signal };

/** A stage that writes the numbers below 7, in parts of 2. */
function numbers(needs: Record<string, Stage> = {}): Stage {
  const write = (folder: string, first: number, until: number) => {
    const some = Array.from({ length: 7 }, (_, i) => i).slice(first, until);
    return Deno.writeTextFile(join(folder, "numbers"), some.join("\n") + "\n");
  };
  return defineStage({
    kind: "numbers/1",
    title: "numbers",
    settings: null,
    needs,
    cost,
    make: (folder) => write(folder, 0, 7),
    division: {
      rows: 7,
      part: 2,
      make: (folder, _from, _context, { first, until }) => write(folder, first, until),
      async merge(folder, shards) {
        const texts = shards.map((shard) => Deno.readTextFile(join(shard, "numbers")));
        await Deno.writeTextFile(join(folder, "numbers"), (await Promise.all(texts)).join(""));
      },
    },
  });
}

/** What needs them, and is not divided. */
const sumOf = (needs: Record<string, Stage>) =>
  defineStage({
    kind: "sum/1",
    title: "sum",
    settings: null,
    needs,
    cost,
    make: async (folder, from) => {
      const text = await Deno.readTextFile(join(from.numbers, "numbers"));
      await Deno.writeTextFile(join(folder, "sum"), text);
    },
  });

Deno.test("a stage in shards has the name and the bytes that it has by itself, however many there are", async () => {
  await withTemporaryFolder(async (folder) => {
    const whole = sumOf({ numbers: numbers() });
    const ranges: string[][] = [];
    for (const shards of [1, 2, 3, 9]) {
      const [result] = divided([whole], shards);
      assert.equal(keyOf(result, cpu), keyOf(whole, cpu));
      const store = new StageStore(join(folder, `${shards}`));
      const planned = await store.plan([result], context);
      ranges.push(
        planned.map(({ stage }) => stage.title).filter((title) => title.startsWith("numbers,")),
      );
      const [made] = await store.run([result], context);
      assert.equal(await Deno.readTextFile(join(made, "sum")), "0\n1\n2\n3\n4\n5\n6\n");
    }
    assert.deepEqual(ranges, [
      [],
      ["numbers, 1 to 4", "numbers, 5 to 7"],
      ["numbers, 1 to 4", "numbers, 5 to 7"],
      ["numbers, 1 to 2", "numbers, 3 to 4", "numbers, 5 to 6", "numbers, 7 to 7"],
    ]);
  });
});

Deno.test("shards are named by their rows and by what the stage needs, and are not made again where the whole is there", async () => {
  await withTemporaryFolder(async (folder) => {
    const store = new StageStore(folder);
    const first = (stage: Stage, shards: number) =>
      keyOf(divided([stage], shards)[0].shards![0], cpu);
    assert.equal(first(numbers(), 2), first(numbers(), 3));
    assert.notEqual(first(numbers(), 2), first(numbers(), 9));
    assert.notEqual(first(numbers(), 2), first(numbers({ other: sumOf({}) }), 2));
    await store.run([numbers()], context);
    assert.deepEqual(await store.missing(divided([numbers()], 2), context), []);
  });
});
