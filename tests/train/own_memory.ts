/**
 * Trains an ARM of width 256 into a folder in a process of its own, and prints in JSON what memory that was said to take and what the
 * process took at most. No file of weights is mapped, so that the resident size counts nothing twice. It reads /proc, so it has to
 * have all permissions.
 *
 * usage: deno run -A --v8-flags=--max-semi-space-size=4 tests/train/own_memory.ts FOLDER
 */
import { armObjective } from "../../lib/methods/arm.ts";
import { modelSpecJson, shapesOf } from "../../lib/methods/model_spec.ts";
import { gpt2Backbone } from "../../lib/models/gpt2.ts";
import { initialize } from "../../lib/models/initialization.ts";
import { Random } from "../../lib/random.ts";
import { runTraining } from "../../lib/train/run.ts";
import type { TrainingMemory } from "../../lib/train/training_memory.ts";
import { cpu } from "../run_graph.ts";

/** What a run of training was said to take, and took at most, in bytes. */
export interface OwnMemory {
  readonly said: number;
  readonly peak: number;
}

const [rows, time, vocabulary, width] = [32, 64, 2048, 256];

if (import.meta.main) {
  const [out] = Deno.args;
  const backbone = gpt2Backbone({ vocabulary, context: time + 1, width, layers: 6, heads: 4 });
  const spec = { kind: "arm", backbone, labels: ["label"], baseline: true } as const;
  const random = new Random(1, "texts");
  const plan = {
    config: modelSpecJson(spec),
    objective: armObjective(backbone, { labels: 1, width, baseline: true }),
    initial: initialize(shapesOf(spec), backbone.fill, new Random(1, "weights")),
    examples: Array.from({ length: 2 * rows }, () => ({
      ids: Int32Array.from({ length: time }, () => random.integer(vocabulary - 1)),
      labels: Float32Array.of(random.uniform()),
    })),
    inputs: {},
    tokenizer: out,
    label: "Memory",
  };
  let memory: TrainingMemory;
  await runTraining(() => Promise.resolve(plan), cpu, {
    out,
    batchSize: rows,
    maxSteps: 3,
    learningRate: 1e-3,
    holdOut: 0.5,
    onStart: (said) => memory = said,
  });
  const status = await Deno.readTextFile("/proc/self/status");
  const [, kilobytes] = /^VmHWM:\s*(\d+) kB/m.exec(status)!;
  const own: OwnMemory = { said: memory!.total, peak: 1024 * Number(kilobytes) };
  console.log(JSON.stringify(own));
}
