import { basename, resolve } from "node:path";
import { openEncoder } from "../../encoders/open_encoder.ts";
import type { SentenceEncoder } from "../../encoders/sentence_encoder.ts";
import type { Device } from "../../runtime/device.ts";
import type { ClassifierFolder, EncoderReference } from "../classifier_folder.ts";
import { EmbeddingClassifier } from "../embedding_classifier.ts";
import type { Scorer } from "./scorer.ts";

/** A folder of classifiers that read embeddings. */
export type EmbeddingClassifierFolder = ClassifierFolder & { readonly encoder: EncoderReference };

/**
 * Classifiers of embeddings that `deno task train classifier --embeddings` wrote: the probability of each label.
 *
 * @param path the folder that it was read from.
 * @throws {Error} if the encoder is not where the folder says, or is another than they were trained with.
 * @throws {SyntaxError} if a file is not what it should be.
 */
export async function openEmbeddingScorer(
  path: string,
  { version, encoder: reference, classifiers: entries }: EmbeddingClassifierFolder,
  device: Device = { name: "cpu" },
): Promise<Scorer> {
  const labels = entries.map(({ label }) => label);
  const classifiers = await Promise.all(entries.map(({ file }) => EmbeddingClassifier.load(file)));
  const encoder = await openReferred(path, reference, device);
  return {
    name: basename(resolve(path)),
    version,
    labels,
    reads: "whole",
    async score(texts, { signal, onScored = () => {} } = {}) {
      const all = new Float64Array(texts.length * labels.length);
      await encoder.embed(texts, {
        batchSize: 32,
        signal,
        onEmbedded(embedded) {
          onScored(embedded.map(({ index, embedding }) => {
            const scores = classifiers.map((classifier) => classifier.probability(embedding));
            all.set(scores, index * labels.length);
            return { index, scores };
          }));
        },
      });
      return all;
    },
    [Symbol.asyncDispose]: () => encoder[Symbol.asyncDispose](),
  };
}

async function openReferred(
  path: string,
  { folder, version }: EncoderReference,
  device: Device,
): Promise<SentenceEncoder> {
  let encoder: SentenceEncoder;
  try {
    encoder = await openEncoder(folder, device);
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new Error(
      `The classifiers in '${path}' read embeddings of the encoder in '${folder}', which cannot be opened: ${reason}`,
      { cause },
    );
  }
  if (encoder.version === version) return encoder;
  await encoder[Symbol.asyncDispose]();
  throw new Error(
    `The classifiers in '${path}' were trained with another encoder than '${folder}' is now (${version}, and not ` +
      `${encoder.version}): put that one back, or train them anew.`,
  );
}
