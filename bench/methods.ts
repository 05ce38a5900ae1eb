import { join } from "node:path";
import type { BaseModel } from "../lib/bases/base_model.ts";
import { languageModelTerm } from "../lib/bases/language_model_term.ts";
import { openBaseModel } from "../lib/bases/own_base.ts";
import { command, Interrupted, interruption } from "../lib/cli/command.ts";
import { deviceOption } from "../lib/cli/device_option.ts";
import { jsonOption } from "../lib/cli/json_option.ts";
import { openDeviceAndTell } from "../lib/cli/open_device.ts";
import { addFlags, givenOptions } from "../lib/cli/option_flags.ts";
import type { Tokenizer } from "../lib/data/tokenizer.ts";
import { generate } from "../lib/decode/generate.ts";
import type { GenerateOptions } from "../lib/decode/generate_options.ts";
import { scorerModel } from "../lib/eval/scorer_model.ts";
import type { Scorer } from "../lib/eval/scorers/scorer.ts";
import { trainTextClassifier } from "../lib/eval/text_classifier.ts";
import { efficiencyScales } from "../lib/experiments/efficiency_scales.ts";
import { writeRandomModel } from "../lib/experiments/random_model.ts";
import { listedMethods } from "../lib/methods/listed_methods.ts";
import type { BackboneSpec } from "../lib/methods/model_spec.ts";
import { openRewardModel } from "../lib/methods/open_reward_model.ts";
import type { OptionTable } from "../lib/options/option.ts";
import { settle } from "../lib/options/settle.ts";
import type { Device } from "../lib/runtime/device.ts";
import { configPath } from "../lib/weights/model_folder.ts";
import { drawTexts } from "../lib/whole_texts/draw_texts.ts";
import { inTurns, type StepTimes } from "./in_turns.ts";

const label = "label";
const topK = 20;

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

/** Writes texts. @returns backbone calls beside the base model's for a step. */
type Write = (base: BaseModel, sizes: Sizes) => Promise<number>;

const shapes = efficiencyScales.small.shapes;
const prompt = Array.from({ length: 10 }, (_, i) => 100 + i);
const common = { topK, ends: [], progress: false } as const;

/** Characters that stand for tokens, so that scorers have texts to read. */
const tokenizer: Tokenizer = {
  vocabSize: shapes.base.vocabulary,
  endOfText: shapes.base.endOfText,
  encode: (text) => Array.from(text, (letter) => letter.codePointAt(0)! - 0x4e00),
  decode: (ids) => ids.map((id) => String.fromCodePoint(0x4e00 + id)).join(""),
  token: (id) => String.fromCodePoint(0x4e00 + id),
};

/** A linear classifier of n-grams of such texts. */
function scorer(): Scorer {
  const texts = Array.from({ length: 40 }, (_, i) => `${i % 2 ? "good" : "bad"} text ${i}`);
  const classifier = trainTextClassifier(texts, texts.map((_, i) => i % 2));
  return {
    name: "n-grams",
    version: "1",
    labels: [label],
    reads: "whole",
    score: (some) =>
      Promise.resolve(Float64Array.from(some, (text) => classifier.probability(text))),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function writeModel(path: string, spec: BackboneSpec, seed: number): Promise<string> {
  await writeRandomModel(path, spec, { seed });
  return path;
}

const languageModel = (path: string, backbone = shapes.reward, seed = 1) =>
  writeModel(path, { kind: "lm", backbone, bos: false }, seed);

/** What a model is beside its backbone and its label, where that has no default. */
const settings: Readonly<Record<string, object>> = { gedi: { codes: [0, 1] } };

/** Opens what writes by a method; the language models that are trained themselves write as the base model does. */
async function openWrite(
  kind: string,
  folder: string,
  device: Device,
  opened: AsyncDisposableStack,
): Promise<Write> {
  const path = join(folder, kind);
  const guided = (options: GenerateOptions): Write => async (base, sizes) => {
    const { backboneCalls } = await generate(base, [prompt], { ...common, ...options, ...sizes });
    return backboneCalls.reduce((sum, calls) => sum + calls, 0);
  };
  const term = async () =>
    opened.use(
      languageModelTerm(opened.use(await openBaseModel(await languageModel(path), device))),
    );
  const drawn = async (
    choice: Pick<Parameters<typeof drawTexts>[3], "method" | "beta">,
  ): Promise<Write> => {
    const spec = { kind: "rad", backbone: shapes.reward, labels: [label] } as BackboneSpec;
    const rater = opened.use(await openRewardModel(await writeModel(path, spec, 2), device));
    return async (base, sizes) => {
      const { backboneCalls } = await drawTexts(base, tokenizer, [tokenizer.decode(prompt)], {
        ...common,
        ...sizes,
        ...choice,
        reward: { rater },
      });
      return backboneCalls.reduce((sum, calls) => sum + calls, 0);
    };
  };
  switch (kind) {
    case "dapt":
    case "ctrl":
    case "quark":
    case "ppo":
      return guided({});
    case "arithmetic": {
      const terms = [[1, { kind: "leaf", leaf: -1 }], [1, { kind: "leaf", leaf: 0 }]] as const;
      return guided({
        formula: {
          formula: { kind: "sum", terms },
          models: [await term()],
          needsAllTokens: false,
          [Symbol.asyncDispose]: () => Promise.resolve(),
        },
      });
    }
    case "caif":
    case "cooperative":
      return async (base, sizes) => {
        const guides = Array.from({ length: kind === "caif" ? 1 : 2 }, () => ({
          model: scorerModel(scorer(), { base, tokenizer }),
          steering: [{ label, beta: 1 }],
        }));
        return await guided({ guides })(base, sizes);
      };
    case "best-of-n":
      return await drawn({ method: "best-of-n" });
    case "cards":
      return await drawn({ method: "cards", beta: 2 });
  }
  if (kind === "dexperts") {
    const own = { kind, labels: [label], expert: "expert", antiexpert: "antiexpert" };
    await languageModel(join(path, own.expert), shapes.reward, 1);
    await languageModel(join(path, own.antiexpert), shapes.reward, 2);
    await Deno.writeTextFile(configPath(path), JSON.stringify({ armature: own }));
  } else {
    // what moves the base model's past is of its size
    const backbone = kind === "pplm" ? shapes.base : shapes.reward;
    const spec = { kind, backbone, labels: [label], ...settings[kind] } as BackboneSpec;
    await writeModel(path, spec, 2);
  }
  const model = opened.use(await openRewardModel(path, device));
  return guided({ guides: [{ model, steering: [{ label, beta: 1 }] }] });
}

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
  const path = await languageModel(join(folder, "base"), shapes.base, 0);
  // each base model has one graph loaded
  const [plain, steered] = [
    opened.use(await openBaseModel(path, device)),
    opened.use(await openBaseModel(path, device)),
  ];
  const write = await openWrite(kind, folder, device, opened);
  const timed = async (work: () => Promise<unknown>) => {
    const began = performance.now();
    await work();
    return (performance.now() - began) / sizes.maxNewTokens!;
  };
  let backboneCalls = 0;
  const times = await inTurns(rounds, {
    unguided: () => timed(() => generate(plain, [prompt], { ...common, ...sizes })),
    steered: () => timed(async () => backboneCalls = await write(steered, sizes)),
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
