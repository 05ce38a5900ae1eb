/** What is read of a generated text: the continuation alone, or the prompt and the continuation together. */
export type Reads = "continuation" | "whole";

/** What of a text can be read, for commands. */
export const readings = ["continuation", "whole"] as const satisfies readonly Reads[];

/** Options of `Scorer.score`. */
export interface ScoreOptions {
  /** Stops the scoring; what was scored by then has been told to `onScored`. */
  signal?: AbortSignal;
  /** Called with scores as soon as they are there, before those of other texts are. */
  onScored?: (scored: readonly ScoredText[]) => void;
}

/** The scores of one text. */
export interface ScoredText {
  /** Which of the texts it is. */
  readonly index: number;
  /** One a label, NaN where the scorer has none for this text and never will. */
  readonly scores: ArrayLike<number>;
}

/**
 * Rates texts: how toxic, how positive they are. What is scored by different scorers, or different versions of one, does
 * not compare, and never shares a table.
 */
export interface Scorer extends AsyncDisposable {
  /** What tables and the cache call it. */
  readonly name: string;
  /** Another one whenever the same text may get another score. */
  readonly version: string;
  /** What is scored, in the order of the scores. */
  readonly labels: readonly string[];
  /** What it is given of a generated text when nothing else is asked for. */
  readonly reads: Reads;
  /**
   * Scores texts.
   *
   * @returns row-major [texts, labels], in [0, 1]; NaN where there is no score.
   * @throws Error, one sentence, if texts cannot be scored for now; the signal's reason if that aborts.
   */
  score(texts: readonly string[], options?: ScoreOptions): Promise<Float64Array>;
}

/** What tells scores apart from others: scores compare only where all of it is equal. */
export interface ScorerIdentity {
  readonly name: string;
  readonly version: string;
  readonly labels: readonly string[];
}

/** The identity of a scorer as a text, to be compared or kept. */
export function identityOf({ name, version, labels }: ScorerIdentity): string {
  return JSON.stringify([name, version, labels]);
}

/** A scorer that scores batch after batch, in the order of the texts' lengths, which saves padding. */
export async function scoreInBatches(
  texts: readonly string[],
  labels: number,
  batchRows: number,
  scoreBatch: (texts: readonly string[]) => Promise<ArrayLike<number>> | ArrayLike<number>,
  { signal, onScored = () => {} }: ScoreOptions,
): Promise<Float64Array> {
  const scores = new Float64Array(texts.length * labels);
  const order = texts.map((_, i) => i).sort((a, b) => texts[a].length - texts[b].length);
  for (let start = 0; start < order.length; start += batchRows) {
    signal?.throwIfAborted();
    const rows = order.slice(start, start + batchRows);
    const batch = await scoreBatch(rows.map((i) => texts[i]));
    const scored = rows.map((index, row) => {
      const own = Array.from({ length: labels }, (_, label) => batch[row * labels + label]);
      scores.set(own, index * labels);
      return { index, scores: own };
    });
    onScored(scored);
    // what runs blocks the thread; a pause lets progress be shown and a signal come in
    await new Promise((resolve) => setTimeout(resolve));
  }
  return scores;
}
