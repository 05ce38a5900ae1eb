import type { DataFrame } from "nodejs-polars";
import type { Kind, OptionsOf, OptionTable } from "../../options/option.ts";
import { checkArgument, settle } from "../../options/settle.ts";
import type { LabelledTexts } from "../labelled_texts.ts";
import { shownLabelledTexts } from "../labelled_texts_look.ts";
import { polars } from "../polars.ts";
import { openRows } from "../row_stream.ts";
import { pathsKind } from "../table.ts";
import type { Corpus, CorpusText } from "./corpus.ts";

/** A data set as an argument. */
const corpusKind = {
  type: "value",
  is: (value: unknown): value is Corpus =>
    typeof value === "object" && value !== null && "format" in value,
  what: "a data set by name, from corpusNamed()",
} as const satisfies Kind;

/** What `streamCorpus` takes. */
export const streamCorpusOptions = {
  onBytes: {
    type: "value",
    is: (value: unknown): value is (bytes: number) => void => typeof value === "function",
    what: "a function of a number of bytes",
    help: "called as reading goes on with about how many bytes of all files are done",
  },
} as const satisfies OptionTable;
export type StreamCorpusOptions = OptionsOf<typeof streamCorpusOptions>;

/**
 * Reads the texts of a corpus from files, row by row in bounded memory, whatever their size. Rows without a text or a
 * label are given too.
 *
 * @throws Error if a file cannot be read or has not the corpus's columns; SyntaxError, TypeError or RangeError, naming
 *   file and row, if a row is not what the corpus has.
 */
export async function* streamCorpus(
  corpus: Corpus,
  paths: readonly string[],
  options: StreamCorpusOptions = {},
): AsyncGenerator<CorpusText> {
  const { onBytes } = settle("streamCorpus", streamCorpusOptions, options);
  let before = 0;
  for (const path of paths) {
    const stream = await openRows(path);
    const { columns, read } = corpus.format(path, stream.columns);
    const tell = onBytes && ((bytes: number) => onBytes(before + bytes));
    for await (const row of stream.rows(columns, tell)) yield read(row);
    before += stream.size;
  }
}

/** What `corpusBatches` takes. */
export const corpusBatchesOptions = {
  ...streamCorpusOptions,
  rows: {
    type: "integer",
    min: 1,
    default: 10_000,
    help: "how many texts a batch has; the last one may have fewer",
  },
} as const satisfies OptionTable;
export type CorpusBatchesOptions = OptionsOf<typeof corpusBatchesOptions>;

/**
 * Reads a corpus as batches of labelled texts in bounded memory: what a stage that writes its results as it goes (such
 * as tokenization of millions of texts) takes.
 *
 * @throws as `streamCorpus` does; RangeError if `rows` is not positive.
 */
export async function* corpusBatches(
  corpus: Corpus,
  paths: readonly string[],
  options: CorpusBatchesOptions = {},
): AsyncGenerator<LabelledTexts> {
  checkArgument("corpusBatches", "corpus", corpusKind, corpus);
  checkArgument("corpusBatches", "paths", pathsKind, paths);
  const { rows, ...rest } = settle("corpusBatches", corpusBatchesOptions, options);
  let batch = new Batch(corpus);
  for await (const text of streamCorpus(corpus, paths, rest)) {
    batch.add(text);
    if (batch.length === rows) {
      yield batch.texts();
      batch = new Batch(corpus);
    }
  }
  if (!batch.isEmpty) yield batch.texts();
}

/** What `readCorpus` takes. */
export const readCorpusOptions = {
  ...streamCorpusOptions,
  limit: {
    type: "integer",
    min: 1,
    defaultHelp: "all",
    former: ["rows"],
    help: "read no more than so many texts, from the beginning",
  },
} as const satisfies OptionTable;
export type ReadCorpusOptions = OptionsOf<typeof readCorpusOptions>;

/**
 * Reads a corpus, or its beginning, into memory. Rows without a text are left out, and so are rows of labelled texts
 * that lack a label (the labels of prompts are not for training and may be missing: NaN).
 *
 * @throws as `streamCorpus` does; Error if no row is left.
 */
export async function readCorpus(
  corpus: Corpus,
  paths: readonly string[],
  options: ReadCorpusOptions = {},
): Promise<LabelledTexts> {
  checkArgument("readCorpus", "corpus", corpusKind, corpus);
  checkArgument("readCorpus", "paths", pathsKind, paths);
  const { limit = Infinity, ...rest } = settle("readCorpus", readCorpusOptions, options);
  const batch = new Batch(corpus);
  for await (const text of streamCorpus(corpus, paths, rest)) {
    if (batch.length >= limit) break;
    batch.add(text);
  }
  if (batch.length === 0) {
    throw new Error(
      `Cannot read ${paths.map((path) => `'${path}'`).join(", ")} as ${corpus.name}: ` +
        "no row has a text and labels, so check that it is the right file",
    );
  }
  return batch.texts();
}

/** Labelled texts as a Polars frame: the column `text`, and one for each label. */
export async function corpusFrame(
  { texts, labels, labelNames }: LabelledTexts,
): Promise<DataFrame> {
  const pl = await polars();
  const columns = labelNames.map((name, i) =>
    [name, Array.from(texts, (_, row) => labels[row * labelNames.length + i])] as const
  );
  return pl.DataFrame({ text: [...texts], ...Object.fromEntries(columns) });
}

/** Texts that are gathered. */
class Batch {
  readonly #corpus: Corpus;
  readonly #texts: string[] = [];
  readonly #labels: number[] = [];
  #skipped = 0;

  constructor(corpus: Corpus) {
    this.#corpus = corpus;
  }

  get length(): number {
    return this.#texts.length;
  }

  get isEmpty(): boolean {
    return this.#texts.length === 0 && this.#skipped === 0;
  }

  add({ text, labels }: CorpusText): void {
    const lacks = this.#corpus.kind === "labelled texts" && labels.some(Number.isNaN);
    if (text === undefined || lacks) {
      this.#skipped++;
      return;
    }
    this.#texts.push(text);
    for (const label of labels) this.#labels.push(label);
  }

  texts(): LabelledTexts {
    return shownLabelledTexts({
      texts: this.#texts,
      labels: Float32Array.from(this.#labels),
      labelNames: [...this.#corpus.labels],
      skipped: this.#skipped,
    });
  }
}
