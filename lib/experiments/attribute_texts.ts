import { join } from "node:path";
import { corpusFiles } from "../data/corpora/corpus_files.ts";
import { realToxicityPrompts } from "../data/corpora/real_toxicity_prompts.ts";
import { dataFolder } from "../data/data_folder.ts";
import { type LabelledTexts, readLabelledTexts } from "../data/labelled_texts.ts";
import { Random } from "../random.ts";
import type { Seed } from "../options/seed_option.ts";
import { fetchDataset } from "../weights/hub/fetch_dataset.ts";
import { fetchPackage } from "../weights/pypi/fetch_package.ts";
import type { Attribute } from "./pretrained_models_options.ts";

/** What ARMs of an attribute learn from, and what their judge does: texts of the same kind, none of them in both. */
export interface AttributeTexts {
  readonly train: LabelledTexts;
  readonly judge: LabelledTexts;
}

/** Where labelled texts are looked for. */
export interface TextSource {
  /** Folder of data sets. */
  readonly data?: string;
  readonly signal?: AbortSignal;
}

/** The package that has the movie reviews beside it: Hutto and Gilbert's (2014), under the MIT licence. */
const reviewsPackage = "vadersentiment==3.3.2";
const reviewsFile = "movieReviewSnippets_GroundTruth.txt";

/** The most texts that a judge learns from: with more it is no better by a number that shows here. */
const judgeTexts = 4000;

/**
 * Texts that are labelled with an attribute, in the order of a seed.
 *
 * @param count how many are to train on.
 * @throws {Error} one sentence, if they are not on this machine and cannot be fetched.
 */
export async function attributeTexts(
  attribute: Attribute,
  { count, seed, ...source }: TextSource & { readonly count: number; readonly seed: Seed },
): Promise<AttributeTexts> {
  const { texts, labels } = await readers[attribute](source);
  const order = new Random(seed, "texts").shuffle(texts.map((_, i) => i));
  const part = (rows: readonly number[]): LabelledTexts => ({
    texts: rows.map((row) => texts[row]),
    labels: Float32Array.from(rows, (row) => labels[row]),
    labelNames: [attribute],
    skipped: 0,
  });
  const most = Math.min(count, Math.floor(texts.length / 2));
  return { train: part(order.slice(0, most)), judge: part(order.slice(most, most + judgeTexts)) };
}

type Texts = Pick<LabelledTexts, "texts" | "labels">;

const readers: Record<Attribute, (source: TextSource) => Promise<Texts>> = {
  positive: movieReviews,
  polite: scoredTexts,
};

/** Sentences of movie reviews: 1 where at least 20 people rated them positive in the mean, 0 where negative; few between are left out. */
async function movieReviews({ signal }: TextSource): Promise<Texts> {
  const folder = await fetchPackage([reviewsPackage], { source: true, signal });
  const path = join(
    folder,
    "vaderSentiment-3.3.2",
    "additional_resources",
    "hutto_ICWSM_2014",
    reviewsFile,
  );
  return ratedSentences(await Deno.readTextFile(path));
}

/**
 * Sentences by the mean of people's ratings from −4 to 4: `id<TAB>rating<TAB>sentence` a line. Those rated within 0.5 of 0 are left out.
 *
 * @throws {SyntaxError} if a line is not so.
 */
export function ratedSentences(file: string): Texts {
  const rows = file.split(/\r?\n/).filter((line) => line !== "").map((line, i) => {
    const [, rating, text] = line.split("\t");
    if (text === undefined || !/^-?\d+(\.\d+)?$/.test(rating)) {
      throw new SyntaxError(`Line ${i + 1} of '${reviewsFile}' is no rating with a sentence.`);
    }
    return { rating: Number(rating), text: text.trim() };
  }).filter(({ rating }) => Math.abs(rating) >= 0.5);
  return {
    texts: rows.map(({ text }) => text),
    labels: Float32Array.from(rows, ({ rating }) => rating > 0 ? 1 : 0),
  };
}

/** Beginnings and ends of sentences from the web: 1 − the toxicity that the Perspective API scored. */
async function scoredTexts({ data, signal }: TextSource): Promise<Texts> {
  const folder = dataFolder(data);
  const paths = await corpusFiles(realToxicityPrompts, folder).catch(async () => {
    try {
      const files = ["prompts.jsonl"];
      const there = await fetchDataset("allenai/real-toxicity-prompts", { files, signal });
      return [join(there, ...files)];
    } catch (cause) {
      signal?.throwIfAborted();
      throw new Error(
        `RealToxicityPrompts is not in the folder of the data, '${folder}' (as realtoxicity/prompts.jsonl or scored.jsonl). ${
          (cause as Error).message
        }`,
        { cause },
      );
    }
  });
  const { texts, labels } = await readLabelledTexts(paths, {
    records: ["prompt", "continuation"],
    labels: ["toxicity"],
    missing: "skip",
  });
  return { texts, labels: labels.map((toxicity) => 1 - toxicity) };
}
