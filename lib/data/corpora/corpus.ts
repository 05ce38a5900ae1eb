import type { StreamedRow } from "../row_stream.ts";

/**
 * A published data set, by name: what its files look like, and what the paper does with it. A new one is one file, and
 * one line in `mod.ts`.
 */
export interface Corpus {
  /** What it is called here, such as `sst2`. */
  readonly name: string;
  /** What it is, in one line. */
  readonly what: string;
  /** What the paper and its authors' code do with it, which is what happens here: columns, labels, rows left out. */
  readonly use: string;
  /** Where it is published. */
  readonly source: string;
  /** What its texts are for. */
  readonly kind: "labelled texts" | "prompts";
  /** The labels of a text, each in [0, 1], in the order in which they are given. */
  readonly labels: readonly string[];
  /** The parts that it is published in, by name. */
  readonly splits: Readonly<Record<string, CorpusSplit>>;
  /**
   * Checks the columns of a file and says how its rows are read.
   *
   * @throws Error, naming the column that is missing.
   */
  readonly format: (path: string, columns: readonly string[]) => CorpusFormat;
}

/** A part of a corpus that is published by itself. */
export interface CorpusSplit {
  /** How many rows were published. */
  readonly rows: number;
  /**
   * Where it is looked for in the folder of data sets, in this order; `*` stands for anything but a slash, and several
   * files that match are read one after the other, in the order of their names.
   */
  readonly files: readonly string[];
}

/** How the rows of one file become texts with labels. */
export interface CorpusFormat {
  /** The columns that are read. */
  readonly columns: readonly string[];
  /**
   * The text of a row and its labels, NaN where one is missing; no text where it is missing.
   *
   * @throws TypeError or RangeError, naming the row, if a value is not what the corpus has there.
   */
  readonly read: (row: StreamedRow) => CorpusText;
}

/** One text of a corpus. */
export interface CorpusText {
  /** Undefined where it is missing or empty. */
  text: string | undefined;
  /** The labels, in the corpus's order; NaN where one is missing. */
  labels: number[];
}
