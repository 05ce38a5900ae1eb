import { join } from "node:path";
import { readLabelledTexts } from "../../data/labelled_texts.ts";
import { loadTokenizer } from "../../data/tokenizer.ts";
import { cachedScorer } from "../../eval/cached_scorer.ts";
import { writeClassifierFolder } from "../../eval/classifier_folder.ts";
import { openLikelihoodJudge } from "../../eval/likelihood.ts";
import { ScoreCache } from "../../eval/score_cache.ts";
import { openScorer } from "../../eval/scorers/mod.ts";
import { openPerspective, type PerspectiveOptions } from "../../eval/scorers/perspective.ts";
import type { Scorer } from "../../eval/scorers/scorer.ts";
import { trainTextClassifiers } from "../../eval/train_text_classifiers.ts";
import { defineStage, type Json, type Stage, type StageNeeds } from "../../stages/stage.ts";
import { files, hasFile, readRows, writeRows } from "./files.ts";
import type { GenerationRow } from "./generation_stage.ts";
import { inParts, removeParts } from "./in_parts.ts";
import type { MeasuredRow } from "./measured_row.ts";

/** Classifiers of word n-grams, one a label, for those who have no other judge. */
export function classifier(name: string, texts: Stage, labels: readonly string[]): Stage {
  return defineStage({
    kind: "classifier/1",
    title: `Training ${name}`,
    settings: { labels },
    needs: { texts },
    cost: { seconds: 20, disk: 1e7, memory: 1e9 },
    async make(folder, from) {
      const data = await readLabelledTexts([join(from.texts, files.texts)], {
        labels,
        missing: "skip",
      });
      await writeClassifierFolder(folder, trainTextClassifiers(data));
    },
  });
}

export interface JudgeSettings {
  /** The scorer's label. */
  label: string;
  /** Other names that scorers have for it; the first that there is counts, in whatever case. */
  otherNames?: readonly string[];
  /** Whether the continuation is scored alone, or after its prompt. */
  reads: "continuation" | "whole";
}

/** The Perspective API as a scorer, which is no folder. */
export interface PerspectiveJudge {
  readonly perspective: PerspectiveOptions;
}

/** What `judged` may be told beside its settings; the result does not depend on it. */
export interface JudgeOptions {
  /** File that keeps every score as soon as it is there. Default: scores are kept with each part of the texts. */
  scores?: string;
  /** How long it takes on 2 cores, roughly. Default: 5. */
  seconds?: number;
}

/**
 * What a scorer says of generations, and their negative log-likelihood under a larger language model with the same
 * tokenizer.
 *
 * @param scorer the Perspective API, or a stage whose folder `openScorer` opens.
 */
export function judged(
  { generations, scorer, fluency }: {
    generations: Stage;
    scorer: Stage | PerspectiveJudge;
    fluency: Stage;
  },
  settings: JudgeSettings,
  { scores: scoreFile, seconds = 5 }: JudgeOptions = {},
): Stage {
  const perspective = "perspective" in scorer ? scorer.perspective : undefined;
  return defineStage<StageNeeds>({
    kind: "judge/1",
    title: `Judging: ${generations.title}`,
    settings: { ...settings, ...(perspective ? { scorer: "perspective v1alpha1" } : {}) } as Json,
    needs: "perspective" in scorer ? { generations, fluency } : { generations, scorer, fluency },
    cost: { seconds, disk: 1e5, memory: 5e8 + 2 * fluency.cost.disk },
    async make(folder, from, { device, signal }) {
      if (await hasFile(folder, files.measured)) return await removeParts(folder);
      const rows = await readRows<GenerationRow>(from.generations, files.generations);
      await using opened = new AsyncDisposableStack();
      const asked = opened.use(
        perspective ? openPerspective(perspective) : await openScorer(from.scorer),
      );
      const label = labelOf(asked, settings);
      const cache = scoreFile === undefined ? undefined : opened.use(ScoreCache.open(scoreFile));
      const scorer = cache ? cachedScorer(asked, cache) : asked;
      const judge = opened.use(await openLikelihoodJudge(from.fluency, device));
      const tokenizer = await loadTokenizer(from.fluency);
      const parts = await inParts(folder, rows, async (some) => {
        const texts = some.flatMap(({ prompt, continuations }) =>
          continuations.map((text) => settings.reads === "whole" ? prompt + text : text)
        );
        const scores = await scorer.score(texts, { signal });
        const nats = await judge.negativeLogLikelihoods(
          some.flatMap(({ prompt, ids }) => {
            const before = tokenizer.encode(prompt);
            return ids.map((ids) => ({ prompt: before, ids }));
          }),
        );
        let at = 0;
        return some.map(({ prompt, ids }): MeasuredRow => {
          const first = at;
          at += ids.length;
          return {
            prompt,
            scores: ids.map((_, i) => {
              const score = scores[(first + i) * scorer.labels.length + label];
              return Number.isNaN(score) ? null : score;
            }),
            nats: ids.map((_, i) => nats[first + i]),
            units: ids.map(({ length }) => length),
          };
        });
      }, { signal });
      if (!parts) return;
      await writeRows(folder, files.measured, parts.flat());
      await removeParts(folder);
    },
  });
}

/** Which of the scorer's labels is meant. @throws {RangeError} if it has none of them. */
function labelOf({ labels }: Scorer, { label, otherNames = [] }: JudgeSettings): number {
  const there = labels.map((name) => name.toLowerCase());
  const names = [label, ...otherNames];
  const places = names.map((name) => there.indexOf(name.toLowerCase()));
  const place = places.find((place) => place >= 0);
  if (place !== undefined) return place;
  throw new RangeError(
    `The scorer has no label ${names.map((name) => `'${name}'`).join(" or ")}: it has ${
      labels.join(", ")
    }`,
  );
}
