import { trainByteLevelBpe, writeTokenizer } from "../data/byte_level_bpe.ts";
import { loadTokenizer } from "../data/tokenizer.ts";
import type { Backbone } from "../models/backbone.ts";
import { gpt2Backbone } from "../models/gpt2.ts";
import { initialize } from "../models/initialization.ts";
import { interruptible } from "../notebook/interruption.ts";
import { Random } from "../random.ts";
import type { Device } from "../runtime/device.ts";
import { encodeTexts, piecesOf } from "./encode.ts";
import type { FitResult } from "./fit_result.ts";
import { openInitialModel } from "./initial_model.ts";
import { languageModelObjective } from "./language_model_objective.ts";
import { type RunOptions, type RunPlan, runTraining } from "./run.ts";

export interface LanguageModelOptions extends RunOptions {
  /** Folder of a language model to start from, which also lends tokenizer and sizes. Default: random weights. */
  init?: string;
  /** Folder of a tokenizer. Default: a byte-level BPE is trained on the texts. */
  tokenizer?: string;
  /** Tokens of a tokenizer that is trained. Default 4096. */
  vocabulary?: number;
  /** Longest context. Default 64. */
  positions?: number;
  /** Width of hidden states. Default 128. */
  width?: number;
  /** Blocks. Default 4. */
  layers?: number;
  /** Attention heads of a block. Default 4. */
  heads?: number;
  /** What the progress bar calls the run. Default "Language model". */
  label?: string;
}

/** What a model that training starts from decides. */
export const decidedByInit = [
  "tokenizer",
  "vocabulary",
  "positions",
  "width",
  "layers",
  "heads",
] as const satisfies readonly (keyof LanguageModelOptions)[];

/**
 * Trains a GPT-2 language model on texts, from scratch or from an initial model, and writes its folder. Texts longer
 * than the context are learned in pieces.
 *
 * @throws {RangeError} if there are no texts, or a size is impossible.
 * @throws {TypeError} if sizes or a tokenizer are given beside an initial model, or that is no language model.
 */
export async function trainLanguageModel(
  texts: readonly string[],
  options: LanguageModelOptions,
  device: Device,
): Promise<FitResult> {
  const {
    init,
    tokenizer,
    vocabulary = 4096,
    positions = 64,
    width = 128,
    layers = 4,
    heads = 4,
    label = "Language model",
    ...rest
  } = options;
  using work = interruptible(rest.signal);
  const run = { ...rest, signal: work.signal };
  if (texts.length === 0) throw new RangeError("There are no texts to train on");
  if (init !== undefined) {
    const given = decidedByInit.find((name) => options[name] !== undefined);
    if (given) throw new TypeError(`The initial model decides '${given}': leave it out`);
  } else if (width % heads !== 0) {
    throw new RangeError(`Cannot split width ${width} into ${heads} heads: choose a multiple`);
  }
  await using resources = new AsyncDisposableStack();
  const fromModel = async (init: string): Promise<Start> => {
    const { backbone, id, parameters } = await openInitialModel(init);
    return { backbone, initial: await parameters(), tokenizer: init, inputs: { init: id } };
  };
  const fromScratch = async (): Promise<Start> => {
    // a trained tokenizer waits elsewhere until the run has ended, so that a model in `out` stays whole till then
    const folder = tokenizer ??
      resources.use(await trainedTokenizer(texts, vocabulary, positions)).path;
    const { vocabSize, endOfText } = await loadTokenizer(folder);
    const sizes = { vocabulary: vocabSize, context: positions, width, layers, heads, endOfText };
    const backbone = gpt2Backbone(sizes);
    const random = new Random(run.seed ?? 0, "weights");
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
      examples: piecesOf(await encodeTexts(words, texts, Infinity), backbone.context - 1),
    };
  };
  return await runTraining(plan, run, device);
}

/** What training starts from. */
interface Start extends Pick<RunPlan, "initial" | "inputs" | "tokenizer"> {
  readonly backbone: Backbone;
}

/** A byte-level BPE of the texts, in a temporary folder that goes when it is disposed. */
async function trainedTokenizer(
  texts: readonly string[],
  vocabulary: number,
  positions: number,
): Promise<AsyncDisposable & { path: string }> {
  const json = trainByteLevelBpe(texts, { vocabSize: vocabulary });
  const path = await Deno.makeTempDir({ prefix: "armature-tokenizer-" });
  await writeTokenizer(path, json, { modelMaxLength: positions });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}
