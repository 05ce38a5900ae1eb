import { join } from "node:path";
import type { Corpus } from "../../data/corpora/corpus.ts";
import { corpusFiles } from "../../data/corpora/corpus_files.ts";
import { corpusBatches, readCorpus } from "../../data/corpora/read_corpus.ts";
import { loadTokenizer } from "../../data/tokenizer.ts";
import { writeTokenizedTexts } from "../../data/tokenized_texts.ts";
import { Progress } from "../../progress.ts";
import { Random } from "../../random.ts";
import { defineStage, type Json, type Stage, type StageNeeds } from "../../stages/stage.ts";
import { fileHash } from "../provenance.ts";
import { files, writeRows } from "./files.ts";
import { filesBelow } from "./hub_stages.ts";

/** Where the files of a corpus are: in the folder of the data, or in a result of `fetched`. */
export interface CorpusSource {
  readonly corpus: Corpus;
  readonly fetched?: Stage;
  /** The files' hashes, where they are in the folder of the data. */
  readonly content: Json;
  readonly paths: readonly string[];
  /** Bytes, roughly. */
  readonly bytes: number;
  /** Why they cannot be read. */
  readonly lacks?: string;
}

/** A corpus in the folder of the data. If its files are not there, the source lacks them. */
export async function localCorpus(
  corpus: Corpus,
  folder: string,
  split?: string,
): Promise<CorpusSource> {
  let paths: readonly string[];
  try {
    paths = await corpusFiles(corpus, folder, split);
  } catch (error) {
    const { message } = error as Error;
    return { corpus, content: null, paths: [], bytes: 0, lacks: message };
  }
  const hashes = await Promise.all(paths.map(fileHash));
  const sizes = await Promise.all(paths.map(async (path) => (await Deno.stat(path)).size));
  return {
    corpus,
    content: hashes.map((hash) => hash ?? null),
    paths,
    bytes: sizes.reduce((sum, size) => sum + size, 0),
  };
}

/** A corpus whose files a stage fetches. */
export function fetchedCorpus(corpus: Corpus, fetched: Stage): CorpusSource {
  return { corpus, fetched, content: null, paths: [], bytes: fetched.cost.disk };
}

/**
 * The texts of a corpus as token ids, with its labels: read row by row, only the columns that count, so that its
 * size is none of the memory's: 300,000 comments of Jigsaw's (100 MB) took 400 MB in all, and 80 s.
 *
 * @param tokenizer a model whose tokenizer is used.
 */
export function tokenizedCorpus(
  { corpus, fetched, content, paths, bytes, lacks }: CorpusSource,
  tokenizer: Stage,
): Stage {
  return defineStage<StageNeeds>({
    kind: "tokenize/1",
    title: `Tokenizing ${corpus.name}`,
    settings: { corpus: corpus.name, content },
    needs: fetched ? { corpus: fetched, tokenizer } : { tokenizer },
    onDevice: false,
    cost: { seconds: bytes / tokenizedPerSecond, disk: bytes, memory: 1e9 },
    lacks,
    async make(folder, from) {
      const label = `Tokenizing ${corpus.name}`;
      const files = fetched ? await fetchedFiles(from.corpus) : paths;
      const progress = new Progress({ label, total: megabytes(bytes), unit: "MB" });
      await writeTokenizedTexts(
        folder,
        corpusBatches(corpus, files, {
          onBytes: (done) => progress.update(megabytes(Math.min(done, bytes))),
        }),
        await loadTokenizer(from.tokenizer),
        corpus.labels,
      );
      progress.done();
    },
  });
}

/** Bytes of a corpus that are tokenized in a second, roughly. */
const tokenizedPerSecond = 1e6;

const megabytes = (bytes: number) => bytes / 1e6;

/** What a fetched data set's files are, beside the record of the stage. */
async function fetchedFiles(folder: string): Promise<string[]> {
  const there = await filesBelow(folder);
  return there.filter((file) => file.endsWith(".parquet")).map((file) => join(folder, file));
}

/** The first prompts of a corpus of prompts, or as many drawn by a seed, in their order. */
export function corpusPrompts(
  { corpus, content, paths, lacks }: CorpusSource,
  settings: { seed: number; count: number },
): Stage {
  const { seed, count } = settings;
  return defineStage({
    kind: "corpus-prompts/1",
    title: `Drawing ${count} prompts of ${corpus.name}`,
    settings: { ...settings, corpus: corpus.name, content },
    needs: {},
    onDevice: false,
    cost: { seconds: 1, disk: count * 100, memory: 2e8 },
    rows: count,
    lacks,
    async make(folder) {
      const { texts } = await readCorpus(corpus, paths);
      const order = new Random(seed, "prompts").shuffle(texts.map((_, i) => i));
      const drawn = order.slice(0, count).sort((a, b) => a - b);
      await writeRows(folder, files.prompts, drawn.map((i) => ({ prompt: texts[i] })));
    },
  });
}
