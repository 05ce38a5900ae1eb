import assert from "node:assert/strict";
import { runTask } from "./run_task.ts";

Deno.test("doctor examines each device in a process of its own, and says so in JSON lines", async () => {
  const { stdout } = await runTask("doctor", "--json", "--seconds", "0", "--device", "cpu", "cuda");
  const [system, cpu, cuda, advised, ...more] = stdout.trim().split("\n").map((line) =>
    JSON.parse(line)
  );
  assert.ok(system.system.cores > 0 && system.system.memory > 0);
  assert.deepEqual(cpu, { device: "cpu", works: true, tests: [] });
  assert.equal(cuda.device, "cuda");
  assert.ok(cuda.works || cuda.problem.startsWith("Device cuda cannot be used here: "));
  assert.ok(Array.isArray(advised.advice));
  assert.deepEqual(more, []);
});
