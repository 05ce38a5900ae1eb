import { trainByteLevelBpe, writeTokenizer } from "../data/byte_level_bpe.ts";
import { loadTokenizer } from "../data/tokenizer.ts";
import type { Gpt2Config } from "../nn/gpt2_config.ts";
import { gpt2Shapes } from "../nn/gpt2.ts";
import { initialize } from "../nn/initialization.ts";
import { Random } from "../random.ts";
import type { Device } from "../runtime/device.ts";
import { encodeTexts, piecesOf } from "./encode.ts";
import type { FitResult } from "./fit.ts";
import { languageModelObjective } from "./language_model_objective.ts";
import { type RunOptions, runTraining } from "./run.ts";

export interface LanguageModelOptions extends RunOptions {
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
}

/**
 * Trains a GPT-2 language model from scratch on texts, and writes its folder. Texts longer than the context are
 * learned in pieces.
 *
 * @throws {RangeError} if there are no texts, or a size is impossible.
 */
export async function trainLanguageModel(
  texts: readonly string[],
  options: LanguageModelOptions,
  device: Device,
): Promise<FitResult> {
  const {
    tokenizer,
    vocabulary = 4096,
    positions = 64,
    width = 128,
    layers = 4,
    heads = 4,
    ...run
  } = options;
  if (texts.length === 0) throw new RangeError("There are no texts to train on");
  if (width % heads !== 0) {
    throw new RangeError(`Cannot split width ${width} into ${heads} heads: choose a multiple`);
  }
  // a trained tokenizer waits elsewhere until the run has ended, so that a model in `out` stays whole till then
  await using own = tokenizer === undefined
    ? await trainedTokenizer(texts, vocabulary, positions)
    : undefined;
  const folder = tokenizer ?? own!.path;
  const words = await loadTokenizer(folder);
  const config: Gpt2Config = {
    vocabulary: words.vocabSize,
    positions,
    width,
    layers,
    heads,
    inner: 4 * width,
    epsilon: 1e-5,
    endOfText: words.endOfText,
  };
  return await runTraining(
    {
      spec: { kind: "lm", config, bos: true },
      objective: languageModelObjective(config),
      initial: initialize(gpt2Shapes(config), layers, new Random(run.seed ?? 0, "weights")),
      examples: piecesOf(encodeTexts(words, texts, Infinity), positions - 1),
      inputs: {},
      tokenizer: folder,
      label: "Language model",
    },
    run,
    device,
  );
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
