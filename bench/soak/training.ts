import { armObjective } from "../../lib/methods/arm.ts";
import { modelSpecJson, shapesOf } from "../../lib/methods/model_spec.ts";
import { gpt2Backbone } from "../../lib/models/gpt2.ts";
import { initialize } from "../../lib/models/initialization.ts";
import { Random } from "../../lib/random.ts";
import { openDevice } from "../../lib/runtime/device.ts";
import { runTraining } from "../../lib/train/run.ts";
import { type SoakTask, tell } from "./work.ts";

const backbone = gpt2Backbone({ vocabulary: 512, context: 32, width: 64, layers: 2, heads: 2 });
const spec = { kind: "arm", backbone, labels: ["label"], baseline: true } as const;

/** Random texts, each of its own length. */
function examples(seed: number, count: number) {
  const random = new Random(seed, "texts");
  return Array.from({ length: count }, () => ({
    ids: Int32Array.from({ length: 1 + random.integer(30) }, () => random.integer(511)),
    labels: Float32Array.of(random.uniform()),
  }));
}

/** Trains a small ARM, from the folder's checkpoint on, and says where it is after every step. */
export async function soakTraining(
  { out, seed, units, checkpointEvery }: SoakTask,
): Promise<void> {
  const plan = {
    config: modelSpecJson(spec),
    objective: armObjective(backbone, { labels: 1, width: 64, baseline: true }),
    initial: initialize(shapesOf(spec), backbone.fill, new Random(seed, "weights")),
    examples: examples(seed, 2000),
    inputs: {},
    tokenizer: out,
    label: "Soak",
  };
  await runTraining(() => Promise.resolve(plan), await openDevice("cpu"), {
    out,
    seed,
    batchSize: 16,
    epochs: 1e6,
    maxSteps: units,
    learningRate: 1e-3,
    schedule: "cosine",
    maxGradNorm: 1,
    checkpointEvery,
    resume: true,
    onStep: ({ step }) => tell(step),
  });
}
