import { trainByteLevelBpe, writeTokenizer } from "../data/byte_level_bpe.ts";
import { loadTokenizer, type Tokenizer } from "../data/tokenizer.ts";
import type { Backbone } from "../models/backbone.ts";
import { initialize } from "../models/initialization.ts";
import { languageModelJson } from "../models/language_model_spec.ts";
import { newBackbone } from "../models/new_backbone.ts";
import { interruptible } from "../notebook/interruption.ts";
import { checkArgument, settle } from "../options/settle.ts";
import { textsKind } from "../options/texts_kind.ts";
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
import { type RunPlan, runTraining } from "./run.ts";

/**
 * Trains a language model on texts, a GPT-2 from scratch or an initial model further, and writes its folder. Texts longer
 * than the context are learned in pieces.
 *
 * @throws {RangeError} if there are no texts, or a size is impossible.
 * @throws {TypeError} if sizes or a tokenizer are given beside an initial model, or that is no language model.
 */
export async function trainLanguageModel(
  texts: readonly string[],
  device: Device,
  options: LanguageModelOptions,
): Promise<FitResult> {
  checkArgument("trainLanguageModel", "texts", textsKind, texts);
  checkArgument("trainLanguageModel", "device", deviceKind, device);
  const settled = settle("trainLanguageModel", languageModelOptions, options);
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
    const whole: RunPlan = {
      ...rest,
      label,
      config: languageModelJson({ kind: "lm", backbone, bos: true }),
      objective: languageModelObjective(backbone),
      examples: piecesOf(
        withinVocabulary(await encodeTexts(words, texts, Infinity), backbone.vocabulary),
        backbone.context - 1,
      ),
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
