import assert from "node:assert/strict";
import { listedMethods } from "../../lib/methods/listed_methods.ts";
import { runTask } from "./run_task.ts";

Deno.test("all methods are listed, for people and for programs", async () => {
  const { stdout } = await runTask("methods");
  assert.match(stdout, /^arm: .*\n {2}z \+ β .*\n {2}learns from: labels, pairs or a teacher\n/);
  const json = await runTask("methods", "--json");
  const listed = json.stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(listed, listedMethods());
});
