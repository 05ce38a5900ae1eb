import { trainByteLevelBpe, writeTokenizer } from "../data/byte_level_bpe.ts";
import { controlCodes } from "../data/control_codes.ts";
import { loadTokenizer, type Tokenizer } from "../data/tokenizer.ts";
import type { Backbone } from "../models/backbone.ts";
import type { ControlCodes } from "../models/control_codes.ts";
import { initialize } from "../models/initialization.ts";
import { languageModelJson } from "../models/language_model_spec.ts";
import { newBackbone } from "../models/new_backbone.ts";
import { interruptible } from "../notebook/interruption.ts";
import { checkArgument, settle } from "../options/settle.ts";
import { Random } from "../random.ts";
import type { Device } from "../runtime/device.ts";
import { deviceKind } from "../runtime/device_kind.ts";
import { tokenizerFilesIn } from "../weights/model_folder.ts";
import { adaptedPlan } from "./adapted_plan.ts";
import { encodeTexts, piecesOf, withinVocabulary } from "./encode.ts";
import type { FitResult } from "./fit_result.ts";
import { rateFor } from "./default_rate.ts";
import { type InitialModel, openInitialModel } from "./initial_model.ts";
import { languageModelObjective } from "./language_model_objective.ts";
import {
  decidedByInit,
  type LanguageModelOptions,
  languageModelOptions,
} from "./language_model_options.ts";
import type { Example } from "./objective.ts";
import { type RunPlan, runTraining } from "./run.ts";

/** Texts that begin with control codes. */
export interface CodedTexts {
  /** The words of the codes. */
  readonly words: readonly string[];
  /** Which of them each text begins with, by its place. */
  readonly of: readonly number[];
  /** The word of the one that generated texts begin with. */
  readonly chosen: string;
}

/**
 * A run of training a language model, for a public function that does so.
 *
 * @param caller that function's name, for errors.
 * @param coded what the texts begin with. Default: nothing.
 */
export async function runLanguageModel(
  caller: string,
  texts: readonly string[],
  device: Device,
  options: LanguageModelOptions,
  coded?: CodedTexts,
): Promise<FitResult> {
  checkArgument(caller, "device", deviceKind, device);
  const settled = settle(caller, languageModelOptions, options);
  const { init, tokenizer, vocabularySize, contextLength, width, layers, heads, ...rest } = settled;
  const { label, learningRate, ...run } = rest;
  const { lora } = run;
  if (texts.length === 0) throw new RangeError("There are no texts to train on");
  if (init !== undefined) {
    const given = decidedByInit.find((name) => options[name] !== undefined);
    if (given) throw new TypeError(`The initial model decides '${given}': leave it out`);
  } else if (lora) {
    throw new TypeError("'lora' adapts the language model that 'init' names: name one");
  } else if (width % heads !== 0) {
    throw new RangeError(`Cannot split width ${width} into ${heads} heads: choose a multiple`);
  }
  using work = interruptible(run.signal);
  const fromModel = async (init: string): Promise<Start> => {
    const base = await openInitialModel(init);
    const { backbone, id } = base;
    const words = await loadTokenizer(init);
    const initial = lora ? new Map() : await base.parameters();
    return { backbone, base, initial, tokenizer: init, words, inputs: { init: id } };
  };
  const fromScratch = async (): Promise<Start> => {
    const made = tokenizer === undefined
      ? await trainedTokenizer(texts, vocabularySize, contextLength)
      : { tokenizer, words: await loadTokenizer(tokenizer) };
    const { vocabSize, endOfText } = made.words;
    const sizes = {
      vocabulary: vocabSize,
      context: contextLength,
      width,
      layers,
      heads,
      endOfText,
    };
    const backbone = newBackbone(sizes);
    const random = new Random(run.seed, "weights");
    const initial = initialize(backbone.shapes, backbone.fill, random);
    return { ...made, backbone, initial, inputs: {} };
  };
  const plan = async (): Promise<RunPlan> => {
    const start = init === undefined ? await fromScratch() : await fromModel(init);
    const { backbone, base, words, ...rest } = start;
    const tokens = coded && controlCodes(words, coded.words);
    const encoded = await encodeTexts(words, texts, Infinity, Float32Array.from(coded?.of ?? []));
    const pieces = piecesOf(
      withinVocabulary(encoded, backbone.vocabulary),
      backbone.context - (tokens ? 2 : 1),
    );
    const whole: RunPlan = {
      ...rest,
      label,
      config: languageModelJson({
        kind: "lm",
        backbone,
        bos: true,
        ...(coded && tokens && { controlCodes: codesOf(coded, tokens) }),
      }),
      objective: languageModelObjective(backbone),
      examples: tokens ? pieces.map((piece) => afterCode(piece, tokens)) : pieces,
    };
    if (!lora || !base) return whole;
    return await adaptedPlan(whole, base, { lora, borrowed: backbone.shapes, seed: run.seed });
  };
  return await runTraining(plan, device, {
    ...run,
    learningRate: learningRate ?? (init === undefined ? fromScratchRate : await rateFor(init, run)),
    signal: work.signal,
  });
}

/** The codes as the model's folder names them. */
function codesOf({ words, chosen }: CodedTexts, tokens: readonly number[]): ControlCodes {
  return { tokens: Object.fromEntries(words.map((word, i) => [word, tokens[i]])), chosen };
}

/** A text after its control code, whose place among the codes is its label. */
function afterCode({ ids, labels, ...rest }: Example, tokens: readonly number[]): Example {
  return { ...rest, ids: [tokens[labels[0]], ...Array.from(ids)], labels: [], given: 1 };
}

/** The learning rate of a model whose weights are drawn. */
const fromScratchRate = 1e-3;

/** What training starts from. */
interface Start extends Pick<RunPlan, "initial" | "inputs" | "tokenizer"> {
  readonly backbone: Backbone;
  /** The model that it is, where there is one. */
  readonly base?: InitialModel;
  /** The tokenizer, read. */
  readonly words: Tokenizer;
}

/** A byte-level BPE of the texts. It is in memory until the run has ended, so that a model in `out` stays whole till then. */
async function trainedTokenizer(
  texts: readonly string[],
  vocabularySize: number,
  contextLength: number,
): Promise<Pick<Start, "tokenizer" | "words">> {
  const json = trainByteLevelBpe(texts, { vocabSize: vocabularySize });
  const folder = await Deno.makeTempDir({ prefix: "armature-tokenizer-" });
  try {
    await writeTokenizer(folder, json, { modelMaxLength: contextLength });
    return { tokenizer: await tokenizerFilesIn(folder), words: await loadTokenizer(folder) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
