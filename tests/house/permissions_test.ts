import assert from "node:assert/strict";
import { notDropped, smallCommands } from "../permissions/small_commands.ts";

Deno.test("each task is run without each of its permissions, or it is said why not", async () => {
  const { tasks } = JSON.parse(
    await Deno.readTextFile(new URL("../../deno.json", import.meta.url)),
  );
  const known = [...Object.keys(smallCommands), ...Object.keys(notDropped)];
  assert.deepEqual(known.sort(), Object.keys(tasks).sort());
});
