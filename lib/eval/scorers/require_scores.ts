import { namedRows } from "../../named_rows.ts";
import type { Scorer } from "./scorer.ts";

/**
 * The same scorer, which ends the scoring where what it computes is no number: for scorers that have a score for every text.
 */
export function requireScores(scorer: Scorer): Scorer {
  return {
    ...scorer,
    score: (texts, options = {}) =>
      scorer.score(texts, {
        ...options,
        onScored(scored) {
          const wrong = scored.filter(({ scores }) => !Array.from(scores).every(Number.isFinite));
          if (wrong.length === 0) return options.onScored?.(scored);
          const rows = wrong.map(({ index }) => index).sort((a, b) => a - b);
          const [first] = rows;
          throw new Error(
            `The scorer '${scorer.name}' gave a score that is no number for text ${
              namedRows(rows.map((row) => row + 1))
            } of ${texts.length}, ${JSON.stringify(texts[first].slice(0, 40))}; check its weights.`,
          );
        },
      }),
  };
}
