import assert from "node:assert/strict";
import { startTask } from "./run_task.ts";

for (const args of [["--help"], ["list"], ["list", "--json"]]) {
  Deno.test(`data ${args.join(" ")} ends in silence where its reader has gone`, async () => {
    const child = startTask("data", args);
    await child.stdout.cancel();
    const [{ code }, stderr] = await Promise.all([
      child.status,
      new Response(child.stderr).text(),
    ]);
    assert.deepEqual([code, stderr], [141, ""]);
  });
}
