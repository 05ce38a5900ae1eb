import { median } from "../../lib/eval/median.ts";
import type { Device } from "../../lib/runtime/device.ts";
import { backboneOf } from "../peers/shapes.ts";
import { openTrainingStep } from "../training_step.ts";
import { trainingQuantity } from "./measurement.ts";
import { type Finding, rounded } from "./row.ts";
import type { TrainedShape } from "./scale.ts";

/** Steps that are timed, at most. */
const mostSteps = 10;

/**
 * Tokens a second of steps that train an ARM, with the regularizer, after two that are not timed.
 *
 * @param seconds after which no further step begins.
 */
export async function* training(
  device: Device,
  { name, config, rows, time }: TrainedShape,
  seconds: number,
): AsyncGenerator<Finding> {
  const shape = { backbone: backboneOf(config), rows, time };
  await using training = await openTrainingStep("ARM", shape, device);
  for (let step = 0; step < 2; step++) await training.step();
  const times: number[] = [];
  const began = performance.now();
  while (
    times.length === 0 ||
    (times.length < mostSteps && performance.now() - began < 1000 * seconds)
  ) {
    const start = performance.now();
    await training.step();
    times.push(performance.now() - start);
  }
  const middle = median(times);
  yield {
    quantity: trainingQuantity(name, rows, time),
    value: rounded(1000 * rows * time / middle),
    unit: "tokens/s",
    about: {
      ms_a_step: rounded(middle),
      least_ms: rounded(Math.min(...times)),
      most_ms: rounded(Math.max(...times)),
      steps: times.length,
      matrix_tflops: rounded(training.matrixOperations / middle / 1e9),
    },
  };
}
