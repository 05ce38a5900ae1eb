import { join } from "node:path";
import { trainByteLevelBpe, writeTokenizer } from "../../lib/data/byte_level_bpe.ts";
import { readLabelledTexts } from "../../lib/data/labelled_texts.ts";
import { loadTokenizer } from "../../lib/data/tokenizer.ts";
import type { Backbone } from "../../lib/models/backbone.ts";
import { Random } from "../../lib/random.ts";
import type { Device } from "../../lib/runtime/device.ts";
import { batchesOf } from "../../lib/train/batches.ts";
import { encodeTexts } from "../../lib/train/encode.ts";
import type { Example } from "../../lib/train/objective.ts";
import { openFreshTrainer } from "../training_step.ts";
import { type Contender, timed } from "./rounds.ts";
import type { Config } from "./shapes.ts";

/** The paper's batch. */
export const epochRows = 100;

/** The longest text, in tokens; SST-2 has none that is longer. */
const longest = 512;

/**
 * The first texts of a file in a random order, as tokens of a tokenizer that is trained on them.
 *
 * @param folder where the tokenizer and the file that a peer reads are written.
 */
export async function writeTokens(
  file: string,
  count: number,
  { vocab_size }: Config,
  folder: string,
): Promise<{ examples: readonly Example[]; path: string }> {
  const { texts, labels } = await readLabelledTexts(file);
  const order = new Random(0, "order").shuffle(
    Uint32Array.from({ length: Math.min(count, texts.length) }, (_, i) => i),
  );
  const chosen = Array.from(order, (i) => texts[i]);
  await writeTokenizer(folder, trainByteLevelBpe(chosen, { vocabSize: Number(vocab_size) }));
  const examples = await encodeTexts(
    await loadTokenizer(folder),
    chosen,
    longest,
    Float32Array.from(order, (i) => labels[i]),
  );
  const path = join(folder, "texts.json");
  const tokens = {
    texts: examples.map(({ ids }) => Array.from(ids)),
    labels: examples.map(({ labels }) => labels[0]),
  };
  await Deno.writeTextFile(path, JSON.stringify(tokens));
  return { examples, path };
}

/** Epochs of training an ARM, texts of similar length together. */
export async function openEpoch(
  backbone: Backbone,
  examples: readonly Example[],
  device: Device,
): Promise<Contender & AsyncDisposable> {
  const trainer = await openFreshTrainer("ARM", backbone, device);
  const lengths = examples.map(({ ids }) => ids.length);
  const random = new Random(0, "negatives");
  return {
    name: "Armature float32",
    round: timed(async () => {
      for (const batch of batchesOf(lengths, { batchSize: epochRows, seed: 0, epoch: 0 })) {
        const part = Array.from(batch, (i) => examples[i]);
        const tokens = part.reduce((sum, { ids }) => sum + ids.length, 0);
        await trainer.step([{ examples: part, rows: part.length, tokens, random }], 1e-5);
      }
    }),
    [Symbol.asyncDispose]: () => trainer[Symbol.asyncDispose](),
  };
}
