import type { OptionsOf, OptionTable } from "../options/option.ts";
import { checkArgument, settle } from "../options/settle.ts";
import { signalOption } from "../options/signal_option.ts";
import { textsKind } from "../options/texts_kind.ts";
import { Progress } from "../progress.ts";
import { type SentenceEncoder, sentenceEncoderKind } from "./sentence_encoder.ts";

/** What `embedTexts` takes. */
export const embedTextsOptions = {
  batchSize: {
    type: "integer",
    min: 1,
    default: 32,
    help: "texts that are computed together",
  },
  signal: signalOption,
} as const satisfies OptionTable;
export type EmbedTextsOptions = OptionsOf<typeof embedTextsOptions>;

/**
 * The vectors of texts, `[texts][width]`, by an encoder from {@linkcode openEncoder}: those of sentence-transformers but for
 * rounding. Texts of about the same length are computed together; of those that are too long the rest is left out, which is said
 * once.
 *
 * @throws {TypeError | RangeError} if an argument or option is missing, unknown, or out of range.
 */
export async function embedTexts(
  encoder: SentenceEncoder,
  texts: readonly string[],
  options: EmbedTextsOptions = {},
): Promise<Float32Array[]> {
  checkArgument("embedTexts", "encoder", sentenceEncoderKind, encoder);
  checkArgument("embedTexts", "texts", textsKind, texts);
  const { batchSize, signal } = settle("embedTexts", embedTextsOptions, options);
  const progress = new Progress({ label: "Embedding", total: texts.length, unit: "texts" });
  const embeddings = new Array<Float32Array>(texts.length);
  let done = 0;
  await encoder.embed(texts, {
    batchSize,
    signal,
    onEmbedded(embedded) {
      for (const { index, embedding } of embedded) embeddings[index] = embedding;
      progress.update(done += embedded.length);
    },
  });
  progress.done();
  return embeddings;
}
