/**
 * Tokens a second of whole training steps, for the two shapes of the design's prototype figures.
 *
 * `deno task bench:train [--device cpu|webgpu|cuda] [--steps N] [--json]`
 */
import { deviceChoices, openDevice } from "../lib/runtime/device.ts";
import { choice, command, positiveInteger, runCommand } from "../lib/cli/command.ts";
import { gpt2Backbone } from "../lib/models/gpt2.ts";
import { headFill, initialize } from "../lib/models/initialization.ts";
import { Random } from "../lib/random.ts";
import { languageModelObjective } from "../lib/train/language_model_objective.ts";
import type { Objective, Part } from "../lib/train/objective.ts";
import { armObjective } from "../lib/train/reward_objective.ts";
import { Trainer } from "../lib/train/trainer.ts";
import type { Device } from "../lib/runtime/device.ts";

/** What the prototype reached on a 2-core machine, in tokens a second. */
const shapes = [
  { width: 128, layers: 4, prototype: 22_300 },
  { width: 256, layers: 6, prototype: 4_030 },
];
const [rows, time, vocabulary] = [32, 64, 2048];

const bench = command("bench:train", "Measure whole training steps, batch 32 of 64 tokens.")
  .addOption(choice("--device <name>", "where to compute", deviceChoices).default("cpu" as const))
  .option("--steps <n>", "steps that are timed", positiveInteger, 20)
  .option("--json", "one JSON object a line")
  .action(async ({ device: name, steps, json }) => {
    const device = await openDevice(name);
    for (const { width, layers, prototype } of shapes) {
      for (const kind of ["arm", "lm"] as const) {
        const milliseconds = await timeSteps(kind, width, layers, device, steps);
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
          prototype_tokens_per_second: prototype,
        };
        console.log(json ? JSON.stringify(result) : describe(result));
      }
    }
  });

/** Milliseconds of each step, least first, after three steps that are not timed. */
async function timeSteps(
  kind: "arm" | "lm",
  width: number,
  layers: number,
  device: Device,
  steps: number,
): Promise<number[]> {
  const backbone = gpt2Backbone({
    vocabulary,
    context: time,
    width,
    layers,
    heads: 4,
    endOfText: 0,
  });
  const objective: Objective = kind === "arm"
    ? armObjective(backbone, { labels: 1, width, baseline: true })
    : languageModelObjective(backbone);
  const fill = (name: string) => (backbone.shapes.has(name) ? backbone.fill : headFill)(name);
  const random = new Random(0, "bench");
  await using trainer = await Trainer.open(
    objective,
    initialize(objective.shapes, fill, random),
    device,
  );
  // a language model reads BOS in front of each text
  const length = kind === "arm" ? time : time - 1;
  const examples = Array.from({ length: rows }, () => ({
    ids: Array.from({ length }, () => random.integer(vocabulary)),
    labels: [random.uniform()],
  }));
  const part: Part = { examples, rows, tokens: rows * length, random };
  const milliseconds: number[] = [];
  for (let step = 0; step < steps + 3; step++) {
    const began = performance.now();
    await trainer.step([part], 1e-4);
    if (step >= 3) milliseconds.push(performance.now() - began);
  }
  return milliseconds.sort((a, b) => a - b);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function describe(
  result: Record<string, number | string> & { tokens_per_second: number; median_ms: number },
): string {
  const { kind, width, layers, device, median_ms, best_ms, tokens_per_second } = result;
  const ratio = tokens_per_second / Number(result.prototype_tokens_per_second);
  return `${kind} d=${width}, ${layers} layers, ${rows}×${time} on ${device}: ` +
    `${median_ms} ms a step (best ${best_ms}), ${tokens_per_second} tokens/s, ` +
    `${ratio.toFixed(2)} × the prototype's ${result.prototype_tokens_per_second}`;
}

await runCommand(bench);
