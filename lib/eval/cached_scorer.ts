import type { Kind, OptionsOf, OptionTable } from "../options/option.ts";
import { checkArgument, settle } from "../options/settle.ts";
import { Progress } from "../progress.ts";
import { ScoreCache } from "./score_cache.ts";
import type { ScoreOptions, Scorer } from "./scorers/scorer.ts";

/** The options of {@linkcode cachedScorer}. */
export const cachedScorerOptions = {
  replay: {
    type: "boolean",
    default: false,
    help:
      "replay what is kept, and ask the scorer for nothing: a text that has not been scored is an error",
  },
} as const satisfies OptionTable;

/** The options of {@linkcode cachedScorer}. */
export type CachedScorerOptions = OptionsOf<typeof cachedScorerOptions>;

const scorerKind = {
  type: "value",
  is: (value: unknown) => typeof value === "object" && value !== null && "score" in value,
  what: "a scorer, from await openScorer()",
} as const satisfies Kind;

const scoreCacheKind = {
  type: "value",
  is: (value: unknown) => value instanceof ScoreCache,
  what: "a cache, from ScoreCache.open()",
} as const satisfies Kind;

/**
 * A scorer that asks another one only for texts that it has not scored before, each once, and keeps every score as soon
 * as it is there: a process that is killed loses none, and the next one goes on from there. The cache and the scorer
 * stay the caller's to dispose.
 */
export function cachedScorer(
  scorer: Scorer,
  cache: ScoreCache,
  options: CachedScorerOptions = {},
): Scorer {
  checkArgument("cachedScorer", "scorer", scorerKind, scorer);
  checkArgument("cachedScorer", "cache", scoreCacheKind, cache);
  const { replay } = settle("cachedScorer", cachedScorerOptions, options);
  const { name, version, labels, reads } = scorer;
  return {
    name,
    version,
    labels,
    reads,
    async score(texts, { signal, onScored = () => {} }: ScoreOptions = {}) {
      const places = placesOf(texts);
      const distinct = [...places.keys()];
      const all = new Float64Array(texts.length * labels.length);
      const tell = (text: string, scores: ArrayLike<number>) => {
        for (const index of places.get(text)!) all.set(scores, index * labels.length);
        onScored(places.get(text)!.map((index) => ({ index, scores })));
      };
      const missing: string[] = [];
      cache.lookUp(scorer, distinct).forEach((scores, i) => {
        if (scores === undefined) missing.push(distinct[i]);
        else tell(distinct[i], scores);
      });
      if (missing.length === 0) return all;
      if (replay) {
        throw new Error(
          `Cannot replay the scores of '${name}': ${missing.length} of ${distinct.length} texts were never scored, ` +
            `such as ${JSON.stringify(missing[0].slice(0, 40))}, so score them first`,
        );
      }
      const known = distinct.length - missing.length;
      const progress = new Progress({
        label: `Scoring by ${name}`,
        total: distinct.length,
        unit: "texts",
        start: known,
      });
      let done = known;
      await scorer.score(missing, {
        signal,
        onScored(scored) {
          cache.store(
            scorer,
            scored.map(({ index, scores }) => ({ text: missing[index], scores })),
          );
          for (const { index, scores } of scored) tell(missing[index], scores);
          done += scored.length;
          progress.update(done);
        },
      });
      progress.done();
      return all;
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** Where each different text stands. */
function placesOf(texts: readonly string[]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  texts.forEach((text, index) => {
    const known = places.get(text);
    if (known) known.push(index);
    else places.set(text, [index]);
  });
  return places;
}
