import { join } from "node:path";
import { openBaseModel } from "../lib/bases/own_base.ts";
import { command, Interrupted, interruption } from "../lib/cli/command.ts";
import { deviceOption } from "../lib/cli/device_option.ts";
import { jsonOption } from "../lib/cli/json_option.ts";
import { openDeviceAndTell } from "../lib/cli/open_device.ts";
import { addFlags, givenOptions } from "../lib/cli/option_flags.ts";
import { generate } from "../lib/decode/generate.ts";
import type { GenerateOptions } from "../lib/decode/generate_options.ts";
import { efficiencyScales } from "../lib/experiments/efficiency_scales.ts";
import { writeRandomModel } from "../lib/experiments/random_model.ts";
import { openRandomWriter } from "../lib/experiments/random_writers.ts";
import { listedMethods } from "../lib/methods/listed_methods.ts";
import type { OptionTable } from "../lib/options/option.ts";
import { settle } from "../lib/options/settle.ts";
import type { Device } from "../lib/runtime/device.ts";
import { inTurns, type StepTimes } from "./in_turns.ts";

const methodsOptions = {
  systems: {
    type: "list",
    of: { type: "text" },
    placeholder: "kind",
    defaultHelp: "all of deno task methods",
    help: "methods to measure",
  },
  samples: { type: "integer", min: 1, default: 10, help: "texts at a time" },
  maxNewTokens: { type: "integer", min: 1, default: 10, help: "new tokens of each text" },
  rounds: { type: "integer", min: 1, default: 3, help: "how often each side is timed" },
  ...jsonOption,
  ...deviceOption,
} as const satisfies OptionTable;

/** What every method of the list costs, in turns with writing unguided. */
export const methods = command(
  "methods",
  "Milliseconds a step of every method in the list, on small random weights, in turns with writing unguided.",
)
  .action(async (_, command) => {
    const settled = settle("methods", methodsOptions, givenOptions(command, methodsOptions));
    const { systems, samples, maxNewTokens, rounds, json, device: name = "cpu" } = settled;
    const kinds = listedMethods().map(({ kind }) => kind);
    const unknown = systems?.find((kind) => !kinds.includes(kind));
    if (unknown !== undefined) {
      command.error(`error: there is no method '${unknown}': choose among ${kinds.join(", ")}`);
    }
    const signal = interruption();
    const device = await openDeviceAndTell(name);
    const folder = await Deno.makeTempDir({ prefix: "armature-methods-" });
    try {
      for (const kind of systems ?? kinds) {
        const times = await timesOf(kind, folder, device, { samples, maxNewTokens }, rounds);
        if (signal.aborted) throw new Interrupted("Stopped; the temporary weights are removed.");
        const result = { benchmark: "methods", kind, samples, ...times };
        console.log(json ? JSON.stringify(result) : textOf(result));
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
addFlags(methods, methodsOptions);

/** The sizes of what is written. */
type Sizes = Pick<GenerateOptions, "samples" | "maxNewTokens">;

const shapes = efficiencyScales.small.shapes;
const prompt = Array.from({ length: 10 }, (_, i) => 100 + i);
const common = { topK: 20, ends: [], progress: false } as const;

export interface Times extends StepTimes {
  readonly backboneCalls: number;
}

/** What a step takes of either side, and the calls that steering adds. */
export async function timesOf(
  kind: string,
  folder: string,
  device: Device,
  sizes: Sizes,
  rounds: number,
): Promise<Times> {
  await using opened = new AsyncDisposableStack();
  const path = join(folder, "base");
  await writeRandomModel(path, { kind: "lm", backbone: shapes.base, bos: false }, { seed: 0 });
  // each base model has one graph loaded
  const [plain, steered] = [
    opened.use(await openBaseModel(path, device)),
    opened.use(await openBaseModel(path, device)),
  ];
  const write = await openRandomWriter(kind, shapes, folder, device, opened, 0);
  const timed = async (work: () => Promise<unknown>) => {
    const began = performance.now();
    await work();
    return (performance.now() - began) / sizes.maxNewTokens!;
  };
  let backboneCalls = 0;
  const times = await inTurns(rounds, {
    unguided: () => timed(() => generate(plain, [prompt], { ...common, ...sizes })),
    steered: () =>
      timed(async () => backboneCalls = await write(steered, prompt, { ...common, ...sizes })),
  });
  return { ...times, backboneCalls: Number(backboneCalls.toFixed(2)) };
}

function textOf({ kind, samples, unguided, steered, ratio, backboneCalls }: Times & {
  readonly kind: string;
  readonly samples: number;
}): string {
  return `${kind}: ${steered.toFixed(1)} ms a step of ${samples} texts, unguided ${
    unguided.toFixed(1)
  }: ${ratio.toFixed(2)} ×, ${backboneCalls} calls beside the base's`;
}
