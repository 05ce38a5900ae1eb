import { pooled, unitLength } from "../models/pooling.ts";
import { displayedAs } from "../notebook/display.ts";
import { tableLook } from "../notebook/table_look.ts";
import { checkArgument } from "../options/settle.ts";
import type { Device } from "../runtime/device.ts";
import { deviceKind } from "../runtime/device_kind.ts";
import { hashOfEncoder, openEncoderFolder } from "./encoder_folder.ts";
import type { SentenceEncoder } from "./sentence_encoder.ts";
import { readSentenceModules } from "./sentence_modules.ts";
import { TextSession } from "./text_session.ts";

/**
 * Opens an encoder that gives texts vectors: a folder of sentence-transformers, such as all-MiniLM-L6-v2, with the pooling and the
 * norm that its `modules.json` says, or any BERT, DistilBERT or RoBERTa, with the mean of its hidden states. Weights are read in
 * place, from `model.safetensors` or `pytorch_model.bin`, whole or in several files.
 *
 * @example How near texts are
 * ```ts
 * import { embedTexts, openDevice, openEncoder } from "armature";
 *
 * await using encoder = await openEncoder("models/all-MiniLM-L6-v2", await openDevice());
 * const [a, b] = await embedTexts(encoder, ["A fine film.", "I liked the movie."]);
 * console.log(a.reduce((sum, x, i) => sum + x * b[i], 0)); // their cosine, as vectors are 1 long
 * ```
 *
 * @throws {TypeError} if it is no encoder that is known, or asks for what is not supported.
 * @throws {Error | SyntaxError | RangeError} if a file is missing, broken, or does not fit the others.
 */
export async function openEncoder(folder: string, device: Device): Promise<SentenceEncoder> {
  checkArgument("openEncoder", "folder", { type: "text" }, folder);
  checkArgument("openEncoder", "device", deviceKind, device);
  const modules = await readSentenceModules(folder);
  const { pooling, isNormalized, lowercase } = modules;
  const opened = await openEncoderFolder(modules.encoder);
  const { encoder } = opened;
  const longestText = Math.min(encoder.context, modules.longest ?? opened.longest);
  const version = await hashOfEncoder(opened, { folder, files: modules.files });
  const session = await TextSession.open(
    opened,
    {
      shapes: encoder.shapes,
      rows(parameters, inputs) {
        const vectors = pooled(pooling, encoder.hidden(parameters, inputs), inputs.mask);
        return isNormalized ? unitLength(vectors) : vectors;
      },
    },
    device,
    longestText,
  );
  const sentences: SentenceEncoder = {
    folder,
    version,
    width: encoder.width,
    longestText,
    embed: (texts, { batchSize, signal, onEmbedded }) =>
      session.read(texts.map((text) => lowercase ? text.trim().toLowerCase() : text.trim()), {
        batchSize,
        signal,
        onRows: (rows) =>
          onEmbedded(rows.map(({ index, values }) => ({ index, embedding: values }))),
      }),
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
  return displayedAs(sentences, () =>
    tableLook({
      title: `${encoder.title} encoder`,
      facts: [
        ["folder", folder],
        [
          "a text's vector",
          `${encoder.width} numbers: ${pooling}${isNormalized ? ", 1 long" : ""}`,
        ],
        ["longest text", `${longestText} tokens`],
        ["vocabulary", encoder.vocabulary.toLocaleString("en-US")],
      ],
    }));
}
