/**
 * Tokens a second of whole training steps, and what share of the rate of matrix products alone they reach.
 *
 * `deno task bench:train [--device cpu|webgpu|cuda] [--steps N] [--json]`
 */
import { command, runCommand } from "../lib/cli/command.ts";
import { deviceOption } from "../lib/cli/device_option.ts";
import { jsonOption } from "../lib/cli/json_option.ts";
import { addFlags, givenOptions } from "../lib/cli/option_flags.ts";
import type { OptionTable } from "../lib/options/option.ts";
import { settle } from "../lib/options/settle.ts";
import { productRate } from "../lib/doctor/rates.ts";
import { type Device, openDevice } from "../lib/runtime/device.ts";
import { gpt2Shape, openTrainingStep, type Trained } from "./training_step.ts";

const shapes = [{ width: 128, layers: 4 }, { width: 256, layers: 6 }];
const [rows, time, vocabulary] = [32, 64, 2048];

/** How long the rate of matrix products is measured. */
const rateSeconds = 1;

const benchOptions = {
  steps: { type: "integer", min: 1, default: 20, help: "steps that are timed" },
  ...jsonOption,
  ...deviceOption,
} as const satisfies OptionTable;

const bench = command("bench:train", "Measure whole training steps, batch 32 of 64 tokens.")
  .action(async (_, command) => {
    const given = givenOptions(command, benchOptions);
    const { device: name, steps, json } = settle("bench:train", benchOptions, given);
    const device = await openDevice(name);
    for (const { width, layers } of shapes) {
      for (const [kind, name] of [["arm", "ARM"], ["lm", "language model"]] as const) {
        // beside the steps, since what else runs on the machine comes and goes
        const { perSecond: limit } = await productRate(device.name, "float32", rateSeconds);
        const { milliseconds, operations } = await timeSteps(name, width, layers, device, steps);
        const middle = milliseconds[Math.floor(steps / 2)];
        const result = {
          kind,
          width,
          layers,
          rows,
          time,
          vocabulary,
          device: device.name,
          median_ms: round(middle),
          best_ms: round(milliseconds[0]),
          tokens_per_second: Math.round(rows * time / middle * 1000),
          best_tokens_per_second: Math.round(rows * time / milliseconds[0] * 1000),
          matrix_gflops: Math.round(operations / middle / 1e6),
          limit_gflops: Math.round(limit / 1e9),
          share_of_limit: Number((operations / middle * 1000 / limit).toFixed(3)),
        };
        console.log(json ? JSON.stringify(result) : describe(result));
      }
    }
  });

/** Milliseconds of each step, least first, after three steps that are not timed, and the operations of its matrix products. */
async function timeSteps(
  kind: Trained,
  width: number,
  layers: number,
  device: Device,
  steps: number,
): Promise<{ milliseconds: number[]; operations: number }> {
  await using training = await openTrainingStep(
    kind,
    gpt2Shape({ width, layers, vocabulary, rows, time }),
    device,
  );
  const milliseconds: number[] = [];
  for (let step = 0; step < steps + 3; step++) {
    const began = performance.now();
    await training.step();
    if (step >= 3) milliseconds.push(performance.now() - began);
  }
  return {
    milliseconds: milliseconds.sort((a, b) => a - b),
    operations: training.matrixOperations,
  };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function describe(result: Record<string, number | string>): string {
  const { kind, width, layers, device, median_ms, best_ms, tokens_per_second } = result;
  const { matrix_gflops, limit_gflops, share_of_limit } = result;
  return `${kind} d=${width}, ${layers} layers, ${rows}×${time} on ${device}: ` +
    `${median_ms} ms a step (best ${best_ms}), ${tokens_per_second} tokens/s, ` +
    `${matrix_gflops} GFLOP/s in matrix products, ${
      Number(share_of_limit).toFixed(2)
    } of this machine's limit of ${limit_gflops}`;
}

addFlags(bench, benchOptions);
await runCommand(bench);
