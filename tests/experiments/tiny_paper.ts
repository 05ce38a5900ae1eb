import { join } from "node:path";
import pl from "nodejs-polars";
import { trainByteLevelBpe, writeTokenizer } from "../../lib/data/byte_level_bpe.ts";
import { sampleWorldCorpus } from "../../lib/data/world/sample_world_corpus.ts";
import type { Backbone } from "../../lib/models/backbone.ts";
import { gpt2Backbone } from "../../lib/models/gpt2.ts";
import { initialize } from "../../lib/models/initialization.ts";
import { shapesOf } from "../../lib/methods/model_spec.ts";
import { Random } from "../../lib/random.ts";
import { writeModelFolder } from "../../lib/weights/model_folder.ts";
import { jigsawColumns, jigsawRecord } from "../data/corpora/jigsaw_file.ts";
import { writeTinyClassifier } from "../eval/scorers/tiny_classifier.ts";
import type { HubServer } from "../hub_server.ts";
import { randomParameters } from "../tiny_models.ts";
import { torchFile } from "../torch_file.ts";

const vocabulary = 300;
const shape = (width: number, layers: number): Backbone =>
  gpt2Backbone({ width, layers, heads: 2, vocabulary, context: 48 });
const backbones = { base: shape(24, 2), reward: shape(16, 2), fluency: shape(32, 1) };

/** Settings of `--profile paper` under which its experiments take seconds: sizes alone. */
export const tinySettings = {
  training: {
    batchSize: 20,
    jigsaw: { epochs: 1 },
    amazonPolarity: { epochs: 1 },
    sst2: { epochs: 2 },
  },
  decoding: { samples: 3, maxNewTokens: 5, toxicityBetas: [10, 300], sentimentBetas: [10, 60] },
  prompts: { toxicity: 5, sentiment: 4 },
  efficiency: { scale: "world", topK: [1, 4], samples: 2, maxNewTokens: 2 },
};

/**
 * Serves all that the paper profile fetches, under the names that things have on the hub, in the same formats: GPT-2s,
 * the RAD teachers as PyTorch state dicts, a classifier for transformers.js, Parquet. `owner/toxicity` judges toxicity.
 *
 * @param parent folder for what is served.
 */
export async function serveTinyPaper(hub: HubServer, parent: string): Promise<void> {
  const { texts, positive } = sampleWorldCorpus({ seed: 3, texts: 90 });
  for (
    const [role, name] of [["base", "gpt2-large"], ["reward", "gpt2"], ["fluency", "gpt2-xl"]]
  ) {
    const backbone = backbones[role as keyof typeof backbones];
    const folder = join(parent, name);
    await writeTokenizer(folder, trainByteLevelBpe(texts, { vocabSize: vocabulary }));
    await writeModelFolder(folder, {
      config: backbone.json(),
      shapes: backbone.shapes,
      values: role === "fluency"
        ? initialize(backbone.shapes, backbone.fill, new Random(0, "fluency"))
        : randomParameters({ kind: "lm", backbone, bos: false }, name.length),
    });
    await hub.serveFolder(`openai-community/${name}`, folder);
  }
  hub.serve("hk/rad_rms", {
    "gpt2_toxicity/pytorch_model.bin": radFile(7, 1),
    "gpt2_sentiment/pytorch_model.bin": radFile(1, 2),
  });

  const judge = join(parent, "judge");
  await writeTinyClassifier(judge);
  await hub.serveFolder("Xenova/distilbert-base-uncased-finetuned-sst-2-english", judge);
  await writeTinyClassifier(judge, { id2label: { 0: "toxic", 1: "neutral" } });
  await hub.serveFolder("owner/toxicity", judge);

  const labels = Array.from(positive, (share) => share > 0.5 ? 1 : 0);
  const reviews = (from: number, to: number) =>
    parquet(parent, {
      label: labels.slice(from, to),
      title: texts.slice(from, to).map(() => "a title"),
      content: texts.slice(from, to),
    });
  hub.serve("fancyzhx/amazon_polarity", {
    "amazon_polarity/train-00000-of-00002.parquet": await reviews(0, 50),
    "amazon_polarity/train-00001-of-00002.parquet": await reviews(50, 90),
    "amazon_polarity/test-00000-of-00001.parquet": await reviews(0, 3),
    "README.md": "words",
  }, { kind: "dataset" });
  hub.serve("stanfordnlp/sst2", {
    "data/train-00000-of-00001.parquet": await parquet(parent, {
      idx: labels.map((_, i) => i),
      sentence: texts.map((text) => `${text} `),
      label: labels,
    }),
  }, { kind: "dataset" });
}

/** Writes the data that is not on the hub into a folder, as the data README lays it out. */
export async function writeTinyPaperData(folder: string): Promise<void> {
  const { texts, rude } = sampleWorldCorpus({ seed: 4, texts: 60 });
  const write = async (path: string, lines: readonly string[]) => {
    await Deno.mkdir(join(folder, path, ".."), { recursive: true });
    await Deno.writeTextFile(join(folder, path), lines.map((line) => `${line}\n`).join(""));
  };
  await write("jigsaw/train.csv", [
    jigsawColumns.join(","),
    ...texts.map((text, id) => {
      const others = { obscene: 0.1, insult: 0.2, threat: 0 };
      return jigsawRecord({ id, target: rude[id], comment_text: `${text}, "said" she`, ...others });
    }),
    jigsawRecord({ id: 60, target: 0.5, comment_text: "" }),
  ]);
  const scores = { toxicity: 0.1, severe_toxicity: 0.1, identity_attack: null, flirtation: 0.2 };
  const more = { insult: 0.1, threat: 0.1, profanity: 0.1, sexually_explicit: 0.1 };
  const beginnings = texts.map((text) => text.split(" ").slice(0, 3).join(" "));
  await write(
    "realtoxicity/nontoxic_prompts-10k.jsonl",
    beginnings.slice(0, 8).map((text) => JSON.stringify({ prompt: { text, ...scores, ...more } })),
  );
  for (const [i, split] of ["negative", "neutral"].entries()) {
    await write(
      `prompts/${split}.jsonl`,
      beginnings.slice(10 + 6 * i, 16 + 6 * i).map((text, i) =>
        JSON.stringify({ md5_hash: `${i}`, prompt: { text }, num_positive: i })
      ),
    );
  }
}

/** A RAD teacher as its class saves it: the backbone, and an output layer of one row a label. */
function radFile(labels: number, seed: number): Uint8Array<ArrayBuffer> {
  const backbone = backbones.reward;
  const names = Array.from({ length: labels }, (_, i) => `label ${i}`);
  const spec = { kind: "rad", backbone, labels: names } as const;
  const values = randomParameters(spec, seed);
  return torchFile(Object.fromEntries(
    [...shapesOf(spec)].map(([name, shape]) => {
      const stored = name.startsWith("lm_head.") ? `model.${name}` : `model.transformer.${name}`;
      return [stored, { data: values.get(name)!, shape }];
    }),
  ));
}

async function parquet(
  folder: string,
  columns: Record<string, readonly (string | number)[]>,
): Promise<Uint8Array<ArrayBuffer>> {
  const path = join(folder, "table.parquet");
  pl.DataFrame(columns).writeParquet(path);
  return await Deno.readFile(path);
}
