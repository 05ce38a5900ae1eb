import { join } from "node:path";
import { trainByteLevelBpe, writeTokenizer } from "../../lib/data/byte_level_bpe.ts";
import { sampleWorldCorpus } from "../../lib/data/world/sample_world_corpus.ts";
import { gpt2Backbone } from "../../lib/models/gpt2.ts";
import { writeModelFolder } from "../../lib/weights/model_folder.ts";
import { encoderModels, writeEncoderModel } from "../encoders/encoder_cases.ts";
import { randomParameters } from "../tiny_models.ts";

/**
 * Writes tiny models of the names that the pretrained profile looks for, as folders in one, each with a tokenizer of its own.
 *
 * @param names those that are written.
 */
export async function writeTinyPretrained(
  models: string,
  names: readonly ("smollm2" | "gemma3" | "minilm")[],
): Promise<void> {
  const { texts } = sampleWorldCorpus({ seed: 3, texts: 90 });
  const languageModel = async (folder: string, vocabulary: number, width: number) => {
    const backbone = gpt2Backbone({ vocabulary, context: 64, width, layers: 2, heads: 2 });
    await writeTokenizer(folder, trainByteLevelBpe(texts, { vocabSize: vocabulary }));
    await writeModelFolder(folder, {
      config: backbone.json(),
      shapes: backbone.shapes,
      values: randomParameters({ kind: "lm", backbone, bos: false }, width),
    });
  };
  const written = {
    smollm2: () => languageModel(join(models, "SmolLM2-135M-Instruct"), 300, 16),
    gemma3: () => languageModel(join(models, "gemma-3-270m"), 280, 24),
    minilm: () => writeEncoderModel(join(models, "all-MiniLM-L6-v2"), encoderModels[0]),
  };
  for (const name of names) await written[name]();
}

/** Writes the data that it reads, as the data README lays it out. */
export async function writeTinyPretrainedData(folder: string): Promise<void> {
  const { texts, positive, rude } = sampleWorldCorpus({ seed: 4, texts: 80 });
  const write = async (path: string, lines: readonly string[]) => {
    await Deno.mkdir(join(folder, path, ".."), { recursive: true });
    await Deno.writeTextFile(join(folder, path), lines.map((line) => `${line}\n`).join(""));
  };
  const reviews = (from: number, to: number) => [
    "sentence\tlabel",
    ...texts.slice(from, to).map((text, i) => `${text} \t${positive[from + i] > 0.5 ? 1 : 0}`),
  ];
  await write("sst2/train.tsv", reviews(0, 40));
  await write("sst2/dev.tsv", reviews(40, 80));
  const words = (text: string) => text.split(" ");
  await write(
    "realtoxicity/scored.jsonl",
    texts.map((text, i) =>
      JSON.stringify({
        prompt: { text: words(text).slice(0, 3).join(" "), toxicity: 0.1 },
        continuation: { text: ` ${words(text).slice(3).join(" ")}`, toxicity: rude[i] },
      })
    ),
  );
  for (const set of ["negative", "neutral"]) {
    await write(
      `prompts/${set}.jsonl`,
      texts.slice(0, 8).map((text) =>
        JSON.stringify({ prompt: { text: words(text).slice(0, 3).join(" ") } })
      ),
    );
  }
}
