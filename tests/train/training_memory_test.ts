import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  memoryText,
  requireMemory,
  trainingMemory,
  withReading,
  withTexts,
} from "../../lib/train/training_memory.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import type { OwnMemory } from "./own_memory.ts";
import { tinyObjectives } from "./tiny_training.ts";

const sizes = { batch: 8, time: 20 };

Deno.test("every objective's memory is known before it is loaded, and grows with what is trained and read", () => {
  for (const [name, objective] of Object.entries(tinyObjectives)) {
    const memory = trainingMemory(objective, {}, sizes)!;
    const { state, weights, steps, rest, total } = memory;
    assert.equal(total, state + weights + steps + rest);
    const larger = trainingMemory(objective, {}, { ...sizes, batch: 16 })!;
    assert.ok(larger.steps > 1.5 * steps && larger.state === state, name);
    const recomputed = trainingMemory(objective, { recompute: true }, sizes)!;
    assert.ok(recomputed.steps <= steps, name);
  }
});

Deno.test("what a machine cannot hold is refused with both sizes", () => {
  const memory = { state: 9e10, weights: 1e10, steps: 2e10, texts: 0, rest: 2e8, total: 1.2e11 };
  requireMemory(memory, 1.3e11);
  assert.throws(() => requireMemory(memory, 2.4e10), {
    message:
      "This training takes about 120 GB of memory, and the machine has 24 GB: train adapters with --lora (lora), keep " +
      "fewer activations with --recompute (recompute), take batches in parts with --accumulation-steps (accumulationSteps), or use a smaller model.",
  });
  assert.equal(
    memoryText(memory),
    "Training takes about 120 GB of memory: 10 GB for weights, 90 GB for what trains and its moments, 20 GB for a step.",
  );
});

Deno.test("what a frozen model makes of texts counts, and its own memory only while it is there", () => {
  const memory = { state: 9e8, weights: 1e8, steps: 2e8, texts: 0, rest: 2e8, total: 1.4e9 };
  const kept = withReading(memory, { kept: 5e9, working: 1e9, ends: true });
  assert.equal(kept.total, 1.2e9 + 5e9 + 2e8);
  assert.equal(withReading(memory, { kept: 5e9, working: 3e9, ends: true }).total, 8.2e9);
  assert.equal(withReading(memory, { kept: 0, working: 1e9, ends: false }).total, 2.4e9);
  const remembered = withReading(withTexts(memory, 1e9), { kept: 5e9, working: 1e9, ends: true });
  assert.deepEqual([remembered.texts, remembered.total], [6e9, kept.total + 1e9]);
  assert.match(memoryText(kept), / 5 GB for what a frozen model makes of the texts\.$/);
});

const onLinux = Deno.build.os === "linux";

Deno.test({
  name: `what training is said to take is within 15 % of what a process takes${
    onLinux ? "" : " (skipped: only Linux says it)"
  }`,
  ignore: !onLinux,
  async fn() {
    await withTemporaryFolder(async (folder) => {
      const program = fileURLToPath(new URL("own_memory.ts", import.meta.url));
      const { success, stdout } = await new Deno.Command(Deno.execPath(), {
        args: [
          // on a busy machine V8 lets young objects pile up, up to 100 MB
          ...["run", "--quiet", "--v8-flags=--max-semi-space-size=4", "-A"],
          ...[program, join(folder, "out")],
        ],
        env: { OMP_NUM_THREADS: "1" },
        stderr: "inherit",
      }).output();
      assert.ok(success);
      const { said, peak }: OwnMemory = JSON.parse(new TextDecoder().decode(stdout));
      assert.ok(Math.abs(said / peak - 1) < 0.15, `said ${said}, took ${peak}`);
    });
  },
});
