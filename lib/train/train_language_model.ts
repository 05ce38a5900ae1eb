import { trainByteLevelBpe, writeTokenizer } from "../data/byte_level_bpe.ts";
import { loadTokenizer } from "../data/tokenizer.ts";
import type { Backbone } from "../models/backbone.ts";
import { gpt2Backbone } from "../models/gpt2.ts";
import { initialize } from "../models/initialization.ts";
import { interruptible } from "../notebook/interruption.ts";
import { checkArgument, settle } from "../options/settle.ts";
import { textsKind } from "../options/texts_kind.ts";
import { Random } from "../random.ts";
import type { Device } from "../runtime/device.ts";
import { deviceKind } from "../runtime/device_kind.ts";
import { encodeTexts, piecesOf, withinVocabulary } from "./encode.ts";
import type { FitResult } from "./fit_result.ts";
import { rateFor } from "./default_rate.ts";
import { openInitialModel } from "./initial_model.ts";
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
  if (texts.length === 0) throw new RangeError("There are no texts to train on");
  if (init !== undefined) {
    const given = decidedByInit.find((name) => options[name] !== undefined);
    if (given) throw new TypeError(`The initial model decides '${given}': leave it out`);
  } else if (width % heads !== 0) {
    throw new RangeError(`Cannot split width ${width} into ${heads} heads: choose a multiple`);
  }
  using work = interruptible(run.signal);
  await using resources = new AsyncDisposableStack();
  const fromModel = async (init: string): Promise<Start> => {
    const { backbone, id, parameters } = await openInitialModel(init);
    return { backbone, initial: await parameters(), tokenizer: init, inputs: { init: id } };
  };
  const fromScratch = async (): Promise<Start> => {
    // a trained tokenizer waits elsewhere until the run has ended, so that a model in `out` stays whole till then
    const folder = tokenizer ??
      resources.use(await trainedTokenizer(texts, vocabularySize, contextLength)).path;
    const { vocabSize, endOfText } = await loadTokenizer(folder);
    const sizes = {
      vocabulary: vocabSize,
      context: contextLength,
      width,
      layers,
      heads,
      endOfText,
    };
    const backbone = gpt2Backbone(sizes);
    const random = new Random(run.seed, "weights");
    const initial = initialize(backbone.shapes, backbone.fill, random);
    return { backbone, initial, tokenizer: folder, inputs: {} };
  };
  const plan = async (): Promise<RunPlan> => {
    const start = init === undefined ? await fromScratch() : await fromModel(init);
    const { backbone, ...rest } = start;
    const words = await loadTokenizer(rest.tokenizer);
    return {
      ...rest,
      label,
      spec: { kind: "lm", backbone, bos: true },
      objective: languageModelObjective(backbone),
      examples: piecesOf(
        withinVocabulary(await encodeTexts(words, texts, Infinity), backbone.vocabulary),
        backbone.context - 1,
      ),
    };
  };
  return await runTraining(plan, device, {
    ...run,
    learningRate: learningRate ?? (init === undefined ? fromScratchRate : await rateFor(init)),
    signal: work.signal,
  });
}

/** The learning rate of a model whose weights are drawn. */
const fromScratchRate = 1e-3;

/** What training starts from. */
interface Start extends Pick<RunPlan, "initial" | "inputs" | "tokenizer"> {
  readonly backbone: Backbone;
}

/** A byte-level BPE of the texts, in a temporary folder that goes when it is disposed. */
async function trainedTokenizer(
  texts: readonly string[],
  vocabularySize: number,
  contextLength: number,
): Promise<AsyncDisposable & { path: string }> {
  const json = trainByteLevelBpe(texts, { vocabSize: vocabularySize });
  const path = await Deno.makeTempDir({ prefix: "armature-tokenizer-" });
  await writeTokenizer(path, json, { modelMaxLength: contextLength });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}
