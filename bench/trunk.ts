import { join } from "node:path";
import { openBase } from "../lib/bases/open_base.ts";
import { command, Interrupted, interruption } from "../lib/cli/command.ts";
import { deviceOption } from "../lib/cli/device_option.ts";
import { jsonOption } from "../lib/cli/json_option.ts";
import { openDeviceAndTell } from "../lib/cli/open_device.ts";
import { addFlags, givenOptions } from "../lib/cli/option_flags.ts";
import { generate, type Guide } from "../lib/decode/generate.ts";
import {
  headedModel,
  type HeadedSpec,
  modelSpecJson,
  shapesOf,
} from "../lib/methods/model_spec.ts";
import { openRewardModel } from "../lib/methods/open_reward_model.ts";
import { trunkReference } from "../lib/methods/trunk_plan.ts";
import { headFill, initialize } from "../lib/models/initialization.ts";
import { trunkParameters } from "../lib/models/trunk.ts";
import type { OptionTable } from "../lib/options/option.ts";
import { settle } from "../lib/options/settle.ts";
import { Random } from "../lib/random.ts";
import type { Device } from "../lib/runtime/device.ts";
import { type InitialModel, openInitialModel } from "../lib/train/initial_model.ts";
import { writeModelFolder } from "../lib/weights/model_folder.ts";
import { inTurns, type StepTimes } from "./in_turns.ts";

const newTokens = 20;
const promptTokens = 10;
const label = "label";

const trunkOptions = {
  base: {
    type: "text",
    required: true,
    placeholder: "model",
    help: "language model to be steered: a folder or a GGUF file",
  },
  blocks: {
    type: "list",
    of: { type: "integer", min: 0 },
    defaultHelp: "all, all but 1, 2 and 4, half, and 0",
    help: "blocks of the base that the ARM shares; with 0 it is one of its own",
  },
  samples: { type: "integer", min: 1, default: 25, help: "texts at a time" },
  rounds: { type: "integer", min: 1, default: 5, help: "how often each side is timed" },
  ...jsonOption,
  ...deviceOption,
} as const satisfies OptionTable;

/** What steering costs by an ARM that shares blocks of its base, in turns with writing unguided. */
export const trunk = command(
  "trunk",
  "Milliseconds a step, unguided and steered by an ARM that shares the base's first blocks, in turns.",
)
  .action(async (_, command) => {
    const given = givenOptions(command, trunkOptions);
    const settled = settle("trunk", trunkOptions, given);
    const { base, json, samples, rounds, device: name = "cpu" } = settled;
    const signal = interruption();
    const device = await openDeviceAndTell(name);
    const initial = await openInitialModel(base);
    const { length } = initial.backbone.blocks;
    const usual = [length, length - 1, length - 2, length - 4, Math.ceil(length / 2)];
    const blocks = settled.blocks ?? [...new Set([...usual.filter((n) => n > 0), 0])];
    const folder = await Deno.makeTempDir({ prefix: "armature-trunk-" });
    try {
      for (const shared of blocks) {
        const path = await writeArm(join(folder, String(shared)), initial, shared);
        const times = await timesOf(base, path, device, { samples, rounds, signal });
        if (signal.aborted) throw new Interrupted("Stopped; the temporary weights are removed.");
        const result = { benchmark: "trunk", base, blocks: length, shared, samples, ...times };
        console.log(json ? JSON.stringify(result) : textOf(result));
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
addFlags(trunk, trunkOptions);

/** Writes an ARM with a random head on the base's own weights, of which it stores those above the trunk. */
async function writeArm(path: string, base: InitialModel, shared: number): Promise<string> {
  await Deno.mkdir(path);
  const { backbone } = base;
  const spec: HeadedSpec = { kind: "arm", backbone, labels: [label], baseline: true };
  const { head } = headedModel(spec);
  const own = shared === 0 ? backbone.shapes : trunkParameters(backbone, shared).above;
  const names = new Set([...own.keys(), ...head.shapes.keys()]);
  await writeModelFolder(path, {
    config: modelSpecJson(
      shared === 0 ? spec : {
        ...spec,
        trunk: await trunkReference(base, shared, path),
        ...(base.bos ? {} : { bos: false }),
      },
    ),
    shapes: new Map([...shapesOf(spec)].filter(([name]) => names.has(name))),
    values: new Map([
      ...await base.read(own),
      ...initialize(head.shapes, head.fill ?? headFill, new Random(1, "head")),
    ]),
  });
  return path;
}

/** What a step takes of either side. */
async function timesOf(
  base: string,
  arm: string,
  device: Device,
  { samples, rounds, signal }: { samples: number; rounds: number; signal: AbortSignal },
): Promise<StepTimes> {
  // each base model has one graph loaded
  const [plain, steered] = [await openBase(base, device), await openBase(base, device)];
  await using _plain = plain.base;
  await using _steered = steered.base;
  await using model = await openRewardModel(arm, device);
  const prompt = Array.from({ length: promptTokens }, (_, i) => 100 + i);
  const step = async ({ base }: typeof plain, guides: readonly Guide[]) => {
    const began = performance.now();
    const settings = { samples, batchSize: samples, maxNewTokens: newTokens, ends: [], topK: 20 };
    await generate(base, [prompt], { guides, ...settings, signal });
    return (performance.now() - began) / newTokens;
  };
  const guides = [{ model, steering: [{ label }] }];
  const sides = { unguided: () => step(plain, []), steered: () => step(steered, guides) };
  return await inTurns(rounds, sides, signal);
}

function textOf(
  { blocks, shared, samples, unguided, steered, ratio }: StepTimes & {
    blocks: number;
    shared: number;
    samples: number;
  },
): string {
  const what = shared === 0 ? "an ARM of its own" : `${shared} of ${blocks} blocks shared`;
  return `${what}: ${steered.toFixed(1)} ms a step of ${samples} texts, unguided ${
    unguided.toFixed(1)
  }: ${ratio.toFixed(2)} ×`;
}
