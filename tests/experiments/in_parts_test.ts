import assert from "node:assert/strict";
import { join } from "node:path";
import { inParts, removeParts } from "../../lib/experiments/stages/in_parts.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const rows = [1, 2, 3, 4, 5, 6, 7];
const { signal } = new AbortController();

Deno.test("work of many rows goes on after the parts that are done, and gives all of them in order", async () => {
  await withTemporaryFolder(async (folder) => {
    const computed: number[] = [];
    const compute = (fails: boolean) => (some: readonly number[], first: number) => {
      if (fails && first === 4) return Promise.reject(new Error("killed"));
      computed.push(first);
      return Promise.resolve(some.map((row) => 10 * row + first));
    };
    const options = { signal, size: 2 };
    await assert.rejects(inParts(folder, rows, compute(true), options), /killed/);
    assert.deepEqual(await inParts(folder, rows, compute(false), options), [
      [10, 20],
      [32, 42],
      [54, 64],
      [76],
    ]);
    assert.deepEqual(computed, [0, 2, 4, 6]);
    await removeParts(folder);
    await removeParts(folder);
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  });
});

Deno.test("a part that the signal stopped is not kept", async () => {
  await withTemporaryFolder(async (folder) => {
    const controller = new AbortController();
    const result = await inParts(folder, rows, (some, first) => {
      if (first === 2) controller.abort();
      return Promise.resolve(some);
    }, { signal: controller.signal, size: 2 });
    assert.equal(result, undefined);
    assert.deepEqual([...Deno.readDirSync(join(folder, "parts"))].map(({ name }) => name), [
      "0.json",
    ]);
  });
});
