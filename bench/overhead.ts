import { join } from "node:path";
import { command, Interrupted, interruption } from "../lib/cli/command.ts";
import { deviceOption } from "../lib/cli/device_option.ts";
import { jsonOption } from "../lib/cli/json_option.ts";
import { openDeviceAndTell } from "../lib/cli/open_device.ts";
import { addFlags, givenOptions } from "../lib/cli/option_flags.ts";
import type { OptionTable } from "../lib/options/option.ts";
import { settle } from "../lib/options/settle.ts";
import { generate } from "../lib/decode/generate.ts";
import { median } from "../lib/eval/median.ts";
import { readJsonFile } from "../lib/files/json_file.ts";
import type { Device } from "../lib/runtime/device.ts";
import { openTinyModels, randomPrompts, type TinyModels, tinyShapes } from "./tiny_models.ts";

const samples = 25;
const newTokens = 20;

/** A way to take the steps, and what it is compared with: the prototypes of DESIGN.md, in tokens a second. */
const ways = {
  bulk: { stepsPerRun: undefined, prototype: 11_800 },
  streaming: { stepsPerRun: 1, prototype: 5_400 },
} as const;
type Way = keyof typeof ways;

const overheadOptions = {
  rounds: { type: "integer", min: 1, default: 5, help: "how often both ways are timed" },
  prompts: {
    type: "integer",
    min: 1,
    default: 20,
    help: "prompts of a round, 25 continuations each",
  },
  ...jsonOption,
  ...deviceOption,
} as const satisfies OptionTable;

/** Guided tokens a second of models so small that what is not arithmetic shows, and what the time goes to. */
export const overhead = command(
  "overhead",
  "Guided tokens a second of tiny models, in bulk and token by token, and which ops the time goes to.",
)
  .action(async (_, command) => {
    const given = givenOptions(command, overheadOptions);
    const settled = settle("overhead", overheadOptions, given);
    const { rounds, prompts: count, json, device: name } = settled;
    const signal = interruption();
    const device = await openDeviceAndTell(name);
    const prompts = randomPrompts(count, { least: 10, most: 10 });
    const names = Object.keys(ways) as Way[];
    const times: Record<Way, number[]> = { bulk: [], streaming: [] };
    {
      await using models = await openTinyModels("arm", device, signal);
      for (const way of names) await stepTime(models, prompts.slice(0, 2), way, signal);
      for (let round = 0; round < rounds; round++) {
        for (const way of names) times[way].push(await stepTime(models, prompts, way, signal));
      }
    }
    for (const way of names) {
      const profile = await profiled(device, prompts.slice(0, profiledPrompts), way, signal);
      const result = describe(way, times[way], profile, device);
      console.log(json ? JSON.stringify(result) : text(result));
    }
  });
addFlags(overhead, overheadOptions);

/** Milliseconds of a step of one batch. */
async function stepTime(
  { base, guides }: TinyModels,
  prompts: readonly number[][],
  way: Way,
  signal: AbortSignal,
): Promise<number> {
  const began = performance.now();
  await generate(base, prompts, {
    guides,
    samples,
    batchSize: samples,
    maxNewTokens: newTokens,
    ends: [],
    stepsPerRun: ways[way].stepsPerRun,
    label: `Generating, ${way}`,
    signal,
  });
  if (signal.aborted) throw new Interrupted("Stopped; the temporary weights are removed.");
  return (performance.now() - began) / (prompts.length * newTokens);
}

/** What is profiled: some ten thousand ops, a kilobyte each. */
const profiledPrompts = 4;

/** An entry of ONNX Runtime's profile. */
interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  /** Microseconds. */
  readonly dur: number;
  readonly args: { readonly op_name?: string };
}

/** Milliseconds of a step in each kind of op, while ONNX Runtime writes down each of them. */
async function profiled(
  device: Device,
  prompts: readonly number[][],
  way: Way,
  signal: AbortSignal,
): Promise<Map<string, number>> {
  const folder = await Deno.makeTempDir({ prefix: "armature-profile-" });
  try {
    {
      await using models = await openTinyModels(
        "arm",
        { ...device, profile: join(folder, "ops") },
        signal,
      );
      await stepTime(models, prompts, way, signal);
    }
    const perOp = new Map<string, number>();
    for await (const { name } of Deno.readDir(folder)) {
      const events = await readJsonFile(join(folder, name)) as ProfileEvent[];
      for (const { cat, name, dur, args: { op_name } } of events) {
        // a loop's time is that of the ops in it
        if (cat !== "Node" || !name.endsWith("_kernel_time") || !op_name || op_name === "Loop") {
          continue;
        }
        perOp.set(op_name, (perOp.get(op_name) ?? 0) + dur / 1000 / (prompts.length * newTokens));
      }
    }
    return perOp;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Ops that compute with the models' weights, or attend. */
const arithmetic = ["Gemm", "FusedMatMul", "MatMul", "Gelu", "LayerNormalization", "Softmax"];

function describe(
  way: Way,
  times: readonly number[],
  perOp: ReadonlyMap<string, number>,
  { name: device }: Device,
) {
  const step = median(times);
  const ops = [...perOp].sort(([, a], [, b]) => b - a);
  const sum = (some: typeof ops) => some.reduce((sum, [, time]) => sum + time, 0);
  return {
    benchmark: "overhead",
    way,
    tokens_per_second: Math.round(1000 * samples / step),
    best_tokens_per_second: Math.round(1000 * samples / Math.min(...times)),
    prototype_tokens_per_second: ways[way].prototype,
    ms_per_step: round(step),
    rounds: times.length,
    profiled_ms_per_step: round(sum(ops)),
    profiled_arithmetic_ms_per_step: round(sum(ops.filter(([op]) => arithmetic.includes(op)))),
    profiled_ops: Object.fromEntries(ops.map(([op, time]) => [op, round(time)])),
    device,
    shapes: tinyShapes,
  };
}

function round(value: number): number {
  return Number(value.toFixed(3));
}

function text(result: ReturnType<typeof describe>): string {
  const { way, tokens_per_second, best_tokens_per_second, ms_per_step, profiled_ops } = result;
  const all = result.profiled_ms_per_step;
  const ops = Object.entries(profiled_ops).slice(0, 10)
    .map(([op, time]) => `${op} ${(100 * time / all).toFixed(0)} %`);
  return `${way}: ${tokens_per_second} tokens/s (best ${best_tokens_per_second}, prototype ` +
    `${result.prototype_tokens_per_second}), ${ms_per_step} ms a step\n` +
    `  profiled, ops take ${all} ms a step, ${result.profiled_arithmetic_ms_per_step} of them arithmetic: ${
      ops.join(", ")
    }`;
}
