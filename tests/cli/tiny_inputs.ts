import { join } from "node:path";
import { sampleWorldCorpus } from "../../lib/data/world/sample_world_corpus.ts";
import { trainLanguageModel } from "../../lib/train/train_language_model.ts";
import { trainRewardModel } from "../../lib/methods/train_reward_model.ts";
import { cpu } from "../run_graph.ts";

/** Sizes that train in a moment, as options of `train lm`. */
export const tinySizes = [
  ...["--vocabulary", "400", "--positions", "40", "--width", "16", "--layers", "2"],
  ...["--heads", "2", "--device", "cpu"],
];

/** Writes 200 short texts to `texts.txt` and, with their labels `positive` and `rude`, to `labelled.tsv`. */
export async function writeTinyTexts(folder: string): Promise<{ texts: string; labelled: string }> {
  const corpus = sampleWorldCorpus({ seed: 1, texts: 200 });
  const [texts, labelled] = [join(folder, "texts.txt"), join(folder, "labelled.tsv")];
  await Deno.writeTextFile(texts, corpus.texts.map((text) => `${text}\n`).join(""));
  const rows = corpus.texts.map((text, i) => `${text}\t${corpus.positive[i]}\t${corpus.rude[i]}\n`);
  await Deno.writeTextFile(labelled, "text\tpositive\trude\n" + rows.join(""));
  return { texts, labelled };
}

/** Writes a language model and an ARM, trained for one step. */
export async function writeTinyModels(
  folder: string,
  { vocabularySize = 400, contextLength = 40, labelNames = ["positive", "rude"] }: {
    vocabularySize?: number;
    contextLength?: number;
    labelNames?: ("positive" | "rude")[];
  } = {},
): Promise<{ base: string; arm: string }> {
  const corpus = sampleWorldCorpus({ seed: 1, texts: 50 });
  const { texts } = corpus;
  const [base, arm] = [join(folder, "base"), join(folder, "arm")];
  const once = { learningRate: 1e-3, maxSteps: 1 };
  const sizes = { vocabularySize, contextLength, width: 16, layers: 2, heads: 2 };
  await trainLanguageModel(texts, cpu, { ...once, ...sizes, out: base });
  const labels = Float32Array.from(
    texts.flatMap((_, i) => labelNames.map((name) => corpus[name][i])),
  );
  const data = { texts, labels, labelNames, skipped: 0 };
  await trainRewardModel(data, cpu, { ...once, kind: "arm", base, out: arm });
  return { base, arm };
}

/** Every file in a folder and those below it, with its content. */
export async function filesIn(folder: string): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (!isDirectory) files.set(path, await Deno.readFile(path));
    else for (const [below, bytes] of await filesIn(path)) files.set(below, bytes);
  }
  return files;
}
