import assert from "node:assert/strict";
import { join } from "node:path";
import { planOf } from "../../bench/gpu/plan.ts";
import type { Row } from "../../bench/gpu/row.ts";
import { benchScales } from "../../bench/gpu/scale.ts";
import { resultsMarkdown } from "../../bench/gpu/table.ts";
import { runTask } from "../cli/run_task.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const rows: Row[] = [
  { contender: "cuda TF32", quantity: "training", value: 300, unit: "tokens/s" },
  { contender: "PyTorch float32", quantity: "training", value: 100, unit: "tokens/s" },
  { contender: "PyTorch TF32", quantity: "training", value: 200, unit: "tokens/s" },
  { contender: "cuda TF32", quantity: "arm", value: 10, unit: "ms a step" },
  { contender: "PyTorch float32", quantity: "arm", value: 15, unit: "ms a step" },
  { contender: "webgpu float32", quantity: "arm", problem: "the process ended with SIGSEGV" },
];

Deno.test("ratios to PyTorch are of speed, whether time or tokens a second were measured; what failed stands below", () => {
  const tables = resultsMarkdown(rows);
  assert.match(tables, /\| training \| cuda TF32 \| 3 \| 1.5 \| PyTorch TF32 \|/);
  assert.match(tables, /\| arm \| cuda TF32 \| 1.5 \| 1.5 \| PyTorch float32 \|/);
  assert.match(tables, /\| arm \| webgpu float32 \| the process ended with SIGSEGV \|/);
  assert.match(tables, /\| training \| tokens\/s \| 300 \| 100 \| 200 \|/);
});

Deno.test("the plan begins with what opens, has each device's CUDA twice, and takes no measurement twice", () => {
  const options = { python: "python3", torchDevice: "cuda" } as const;
  const plan = planOf(benchScales.real, { ...options, devices: ["cuda", "webgpu"] });
  const kinds = plan.map(({ order }) => order.kind);
  assert.deepEqual(kinds.slice(0, 3), ["open", "open", "open torch"]);
  const names = new Set(plan.map(({ contender }) => contender.name));
  assert.ok(["cuda TF32", "cuda float32", "webgpu float32"].every((name) => names.has(name)));
  const keys = plan.map(({ contender, order }) => contender.name + JSON.stringify(order));
  assert.equal(new Set(keys).size, keys.length);
  // decoding at both batches, beside PyTorch
  for (const batch of benchScales.real.batches) {
    assert.ok(keys.some((key) => key.includes(`"batch":${batch}`)));
    assert.ok(keys.some((key) => key.includes(`"samples":${batch}`)));
  }
});

Deno.test("tables are made of a file of results, a run that was cut included", async () => {
  await withTemporaryFolder(async (folder) => {
    const [from, markdown] = ["gpu.jsonl", "gpu.md"].map((name) => join(folder, name));
    const lines = [{ about: { cores: 2 } }, ...rows].map((row) => JSON.stringify(row) + "\n");
    await Deno.writeTextFile(from, lines.join(""));
    await runTask("bench:gpu", "--from", from, "--markdown", markdown);
    assert.equal(await Deno.readTextFile(markdown), resultsMarkdown(rows));
  });
});

Deno.test({
  name: "what hangs is ended in time, with all that it started, and is a row with its reason",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await withTemporaryFolder(async (folder) => {
      const [python, out, pid] = ["python", "gpu.jsonl", "pid"].map((name) => join(folder, name));
      const hangs = `#!/bin/sh\necho $$ > "${pid}"\nexec sleep 600\n`;
      await Deno.writeTextFile(python, hangs, { mode: 0o755 });
      const options = ["--small", "--device", "cuda", "--minutes", "0.1", "--python", python];
      await runTask("bench:gpu", ...options, "--out", out);
      const lines = (await Deno.readTextFile(out)).trim().split("\n").map((line) =>
        JSON.parse(line)
      );
      const hung = lines.find(({ contender }) => contender === "PyTorch");
      // on a busy machine it may not come to it
      assert.match(hung.problem, /^(it was not done within \d+ seconds|no time was left)$/);
      assert.ok(lines.at(-1).done);
      const told = lines.filter(({ problem }) => /cannot be used here/.test(problem ?? ""));
      for (const { peak_host_bytes } of told) assert.ok(peak_host_bytes > 1e7);
      const number = await Deno.readTextFile(pid).catch(() => "none");
      const status = `/proc/${number.trim()}/status`;
      // gone, or dead and waiting for somebody to notice
      const state = await Deno.readTextFile(status).catch(() => "State: X");
      assert.match(state, /^State:\s+[XZ]/m);
    });
  },
});
