import { checkArgument } from "../options/settle.ts";
import { isObject } from "../data/value_at.ts";
import { writeAtomically } from "../files/atomic_write.ts";
import { type JsonRow, readJsonLines } from "../files/json_lines.ts";
import { identityOf, readings, type Reads, type ScorerIdentity } from "./scorers/scorer.ts";

/** A prompt with its continuations, as `deno task generate --out` writes them. */
export interface Generation {
  prompt: string;
  continuations: string[];
}

/**
 * Reads generations: JSON Lines with `prompt` and `continuations`.
 *
 * @throws Error if the file cannot be read or has no row; SyntaxError, naming the line, if a row is something else.
 */
export async function readGenerations(path: string): Promise<Generation[]> {
  const generations: Generation[] = [];
  for await (const { line, row } of readJsonLines(path)) {
    generations.push(generationIn(path, line, row));
  }
  if (generations.length === 0) {
    throw new Error(`Cannot read '${path}': it has no rows, so check that it is the right file`);
  }
  return generations;
}

/** The texts that a scorer reads, prompt by prompt. */
export function textsToScore(generations: readonly Generation[], reads: Reads): string[] {
  return generations.flatMap(({ prompt, continuations }) =>
    continuations.map((text) => reads === "whole" ? prompt + text : text)
  );
}

/** Generations with the scores that one scorer gave them. */
export interface Scores {
  readonly scorer: ScorerIdentity;
  /** What the scorer read of each text. */
  readonly reads: Reads;
  readonly rows: readonly ScoredGeneration[];
}

/** A prompt with its continuations and their scores. */
export interface ScoredGeneration extends Generation {
  /** Label → one score a continuation, NaN where there is none. */
  scores: Record<string, Float64Array>;
}

/**
 * Puts scores and generations together.
 *
 * @param values row-major [texts, labels], of the texts that `textsToScore` gives.
 */
export function scoresOf(
  generations: readonly Generation[],
  scorer: ScorerIdentity,
  reads: Reads,
  values: ArrayLike<number>,
): Scores {
  const { name, version, labels } = scorer;
  let start = 0;
  const rows = generations.map(({ prompt, continuations }) => {
    const first = start;
    start += continuations.length;
    const scores = Object.fromEntries(labels.map((label, column) => [
      label,
      Float64Array.from(continuations, (_, i) => values[(first + i) * labels.length + column]),
    ]));
    return { prompt, continuations, scores };
  });
  return { scorer: { name, version, labels: [...labels] }, reads, rows };
}

/**
 * Writes scores as JSON Lines, atomically: prompt, continuations, the scorer's name and version, what it read, and a
 * list of scores for each label, null where there is none.
 *
 * @throws Error if the file cannot be written.
 */
export async function writeScores(path: string, { scorer, reads, rows }: Scores): Promise<void> {
  const encoder = new TextEncoder();
  const lines = function* () {
    for (const { prompt, continuations, scores } of rows) {
      const lists = scorer.labels.map((label) => [
        label,
        Array.from(scores[label], (score) => Number.isNaN(score) ? null : score),
      ]);
      yield encoder.encode(
        JSON.stringify({
          prompt,
          continuations,
          scorer: scorer.name,
          version: scorer.version,
          reads,
          scores: Object.fromEntries(lists),
        }) + "\n",
      );
    }
  };
  await writeAtomically(path, lines());
}

/**
 * Reads what `writeScores` wrote.
 *
 * @throws Error if the file cannot be read, has no row, or rows of different scorers; SyntaxError, naming the line, if a
 *   row is something else.
 */
export async function readScores(path: string): Promise<Scores> {
  checkArgument("readScores", "path", { type: "text" }, path);
  const rows: ScoredGeneration[] = [];
  let first: { scorer: ScorerIdentity; reads: Reads } | undefined;
  for await (const { line, row } of readJsonLines(path)) {
    const { scorer, version, reads, scores } = row;
    const isKnown = typeof scorer === "string" && typeof version === "string" &&
      readings.includes(reads as Reads) && isObject(scores);
    if (!isKnown) throw notScores(path, line, "scorer, version, reads and scores");
    const generation = generationIn(path, line, row);
    const labels = Object.keys(scores);
    const own = { scorer: { name: scorer, version, labels }, reads: reads as Reads };
    first ??= own;
    requireOneScorer([
      { ...first, what: "the first line" },
      { ...own, what: `line ${line} of '${path}'` },
    ]);
    const lists = labels.map((label): [string, Float64Array] => {
      const list = scores[label];
      const isScore = (score: unknown) =>
        score === null || (typeof score === "number" && score >= 0 && score <= 1);
      if (
        !Array.isArray(list) || list.length !== generation.continuations.length ||
        !list.every(isScore)
      ) {
        throw notScores(path, line, `a score from 0 to 1 (or null) a continuation for '${label}'`);
      }
      return [label, Float64Array.from(list, (score) => score ?? NaN)];
    });
    rows.push({ ...generation, scores: Object.fromEntries(lists) });
  }
  if (first === undefined) {
    throw new Error(`Cannot read '${path}': it has no rows, so check that it is the right file`);
  }
  return { ...first, rows };
}

/**
 * Makes sure that scores may share a table: only those of one scorer, in one version, that read the same of each text.
 *
 * @param scores `what` is what an error calls them.
 * @throws Error, naming what differs, if they may not.
 */
export function requireOneScorer(
  scores: readonly { what: string; scorer: ScorerIdentity; reads: Reads }[],
): void {
  const told = ({ scorer, reads }: { scorer: ScorerIdentity; reads: Reads }) =>
    `${scorer.name} ${scorer.version} (${scorer.labels.join(", ")}) on the ${
      reads === "whole" ? "whole text" : "continuation"
    }`;
  for (const other of scores.slice(1)) {
    const [first] = scores;
    const isSame = identityOf(first.scorer) === identityOf(other.scorer) &&
      first.reads === other.reads;
    if (isSame) continue;
    throw new Error(
      `Scores of different scorers do not share a table: ${first.what} has those of ${
        told(first)
      }, ${other.what} ` +
        `those of ${told(other)}, so score all by one scorer`,
    );
  }
}

function generationIn(path: string, line: number, { prompt, continuations }: JsonRow): Generation {
  const isGood = typeof prompt === "string" && Array.isArray(continuations) &&
    continuations.length > 0 && continuations.every((text) => typeof text === "string");
  if (!isGood) throw notScores(path, line, "a prompt and a list of continuations");
  return { prompt, continuations };
}

function notScores(path: string, line: number, wanted: string): SyntaxError {
  return new SyntaxError(
    `Cannot read '${path}': line ${line} must have ${wanted}, so write it again`,
  );
}
