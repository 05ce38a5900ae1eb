import assert from "node:assert/strict";
import { notDropped, notRunWithAll, smallCommands } from "../permissions/small_commands.ts";

const read = (path: string) => Deno.readTextFile(new URL(`../../${path}`, import.meta.url));
const { tasks } = JSON.parse(await read("deno.json"));

Deno.test("each task is run with its permissions and without each of them, or it is said why not", () => {
  const known = [...Object.keys(smallCommands), ...Object.keys(notDropped)];
  assert.deepEqual(known.sort(), Object.keys(tasks).sort());
  for (const task of Object.keys(notRunWithAll)) assert.ok(task in smallCommands, task);
});

Deno.test("how many tasks are run so is what the page says", async () => {
  const [run, all] = [smallCommands, tasks].map((each) => Object.keys(each).length);
  assert.ok((await read("docs/reliability.md")).includes(` ${run} of the ${all} tasks `));
});
