import { gpt2Backbone } from "../../lib/models/gpt2.ts";
import { modelSpecJson, shapesOf } from "../../lib/methods/model_spec.ts";
import { initialize } from "../../lib/models/initialization.ts";
import { Random } from "../../lib/random.ts";
import type { FitResult } from "../../lib/train/fit_result.ts";
import { armObjective } from "../../lib/methods/arm.ts";
import { runTraining } from "../../lib/train/run.ts";
import type { RunOptions } from "../../lib/train/training_options.ts";
import { cpu } from "../run_graph.ts";
import { armHeadOf } from "../head_sizes.ts";
import { tinySizes, tinySpecs } from "../tiny_models.ts";
import { tinyExamples } from "./tiny_training.ts";

export const tinySteps = 20;

/** Wide enough that writing a checkpoint takes a while. */
const spec = {
  ...tinySpecs.arm,
  backbone: gpt2Backbone({ ...tinySizes, width: 64 }),
};

/** Trains an ARM with everything that a resumed run has to repeat: drawn tokens, a rate that changes, parts, clipping. */
export async function tinyRun(
  out: string,
  options: Partial<RunOptions> = {},
): Promise<FitResult> {
  const seed = options.seed ?? 3;
  return await runTraining(
    () =>
      Promise.resolve({
        config: modelSpecJson(spec),
        objective: armObjective(spec.backbone, armHeadOf(spec)),
        initial: initialize(shapesOf(spec), spec.backbone.fill, new Random(seed, "weights")),
        examples: tinyExamples("arm", 70),
        inputs: {},
        tokenizer: out,
        label: "Tiny run",
      }),
    cpu,
    {
      out,
      epochs: 2,
      maxSteps: tinySteps,
      batchSize: 6,
      accumulationSteps: 2,
      holdOut: 0.1,
      learningRate: 1e-2,
      schedule: "cosine",
      warmupSteps: 4,
      maxGradNorm: 1,
      checkpointEvery: 3,
      ...options,
      seed,
    },
  );
}

if (import.meta.main) {
  const [out] = Deno.args;
  await tinyRun(out, { resume: true, onStep: ({ step }) => console.log(step) });
}
