import { join } from "node:path";
import { readLabelledTexts } from "../../data/labelled_texts.ts";
import { loadTokenizer, type Tokenizer } from "../../data/tokenizer.ts";
import { cachedScorer } from "../../eval/cached_scorer.ts";
import { writeClassifierFolder } from "../../eval/classifier_folder.ts";
import { type LikelihoodJudge, openLikelihoodJudge } from "../../eval/likelihood.ts";
import { ScoreCache } from "../../eval/score_cache.ts";
import { openScorer } from "../../eval/scorers/mod.ts";
import { openPerspective, type PerspectiveOptions } from "../../eval/scorers/perspective.ts";
import type { Scorer } from "../../eval/scorers/scorer.ts";
import { countWords, textLikelihoods } from "../../eval/text_likelihood.ts";
import { trainTextClassifiers } from "../../eval/train_text_classifiers.ts";
import {
  defineStage,
  type Json,
  type RowRange,
  type Stage,
  type StageContext,
  type StageNeeds,
} from "../../stages/stage.ts";
import { files, hasFile, joinRows, readRows, writeRows } from "./files.ts";
import type { GenerationRow } from "./generation_stage.ts";
import { inParts, removeParts, usualSize } from "./in_parts.ts";
import type { MeasuredRow } from "./measured_row.ts";

/** Classifiers of word n-grams, one a label, for those who have no other judge. */
export function classifier(name: string, texts: Stage, labels: readonly string[]): Stage {
  return defineStage({
    kind: "classifier/1",
    title: `Training ${name}`,
    settings: { labels },
    needs: { texts },
    onDevice: false,
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
  /** What fluency is counted by. `words`: the judge reads texts by a tokenizer of its own. Default: the base model's tokens. */
  counts?: "words";
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
 * What a scorer says of generations, and their negative log-likelihood under another language model.
 *
 * @param scorer the Perspective API, or a stage whose folder `openScorer` opens.
 * @param check a second one, with the label of the same name.
 */
export function judged(
  { generations, scorer, check, fluency }: {
    generations: Stage;
    scorer: Stage | PerspectiveJudge;
    check?: Stage;
    fluency: Stage;
  },
  settings: JudgeSettings,
  { scores: scoreFile, seconds = 5 }: JudgeOptions = {},
): Stage {
  const perspective = "perspective" in scorer ? scorer.perspective : undefined;
  const measure = async (
    folder: string,
    from: Readonly<Record<string, string>>,
    { device, signal }: StageContext,
    range?: RowRange,
  ): Promise<void> => {
    if (await hasFile(folder, files.measured)) return await removeParts(folder);
    const rows = await readRows<GenerationRow>(from.generations, files.generations);
    await using opened = new AsyncDisposableStack();
    const asked = opened.use(
      perspective ? openPerspective(perspective) : await openScorer(from.scorer),
    );
    const label = labelOf(asked, settings);
    const second = check && opened.use(await openScorer(from.check));
    const cache = scoreFile === undefined ? undefined : opened.use(ScoreCache.open(scoreFile));
    const scorer = cache ? cachedScorer(asked, cache) : asked;
    const judge = opened.use(await openLikelihoodJudge(from.fluency, device));
    const tokenizer = await loadTokenizer(from.fluency);
    const parts = await inParts(folder, rows, async (some) => {
      const texts = some.flatMap(({ prompt, continuations }) =>
        continuations.map((text) => settings.reads === "whole" ? prompt + text : text)
      );
      const scores = await scoresOf(scorer, label, texts, signal);
      const checks = second && await scoresOf(second, labelOf(second, settings), texts, signal);
      const { nats, units } = await fluencyOf(some, judge, tokenizer, settings);
      let at = 0;
      return some.map(({ prompt, ids }): MeasuredRow => {
        const [from, to] = [at, at += ids.length];
        return {
          prompt,
          scores: scores.slice(from, to),
          ...(checks ? { check: checks.slice(from, to) } : {}),
          nats: nats.slice(from, to),
          units: units.slice(from, to),
        };
      });
    }, { signal, range });
    if (!parts) return;
    await writeRows(folder, files.measured, parts.flat());
    await removeParts(folder);
  };
  const { rows } = generations;
  return defineStage<StageNeeds>({
    kind: "judge/1",
    title: `Judging: ${generations.title}`,
    settings: { ...settings, ...(perspective ? { scorer: "perspective v1alpha1" } : {}) } as Json,
    needs: {
      generations,
      ...("perspective" in scorer ? {} : { scorer }),
      ...(check ? { check } : {}),
      fluency,
    },
    cost: { seconds, disk: 1e5, memory: 5e8 + 2 * fluency.cost.disk },
    rows,
    make: measure,
    // one connection to a service is what its limits are for
    ...(rows === undefined || perspective ? {} : {
      division: {
        rows,
        part: usualSize,
        make: measure,
        merge: (folder, shards) => joinRows(folder, files.measured, shards),
      },
    }),
  });
}

/** What a scorer says of one label of texts; null where it says nothing. */
async function scoresOf(
  scorer: Scorer,
  label: number,
  texts: readonly string[],
  signal: AbortSignal,
): Promise<(number | null)[]> {
  const scores = await scorer.score(texts, { signal });
  return texts.map((_, i) => {
    const score = scores[i * scorer.labels.length + label];
    return Number.isNaN(score) ? null : score;
  });
}

/** Nats of all continuations, prompt after prompt, and how many tokens or words each has. */
async function fluencyOf(
  rows: readonly GenerationRow[],
  judge: LikelihoodJudge,
  tokenizer: Tokenizer,
  { counts }: JudgeSettings,
): Promise<{ nats: number[]; units: number[] }> {
  if (counts === "words") {
    const texts = rows.flatMap(({ prompt, continuations }) =>
      continuations.map((continuation) => ({ prompt, continuation }))
    );
    return {
      nats: [...await textLikelihoods(judge, tokenizer, texts)],
      units: texts.map(({ continuation }) => countWords(continuation)),
    };
  }
  const tokens = rows.flatMap(({ prompt, ids }) => {
    const before = tokenizer.encode(prompt);
    return ids.map((ids) => ({ prompt: before, ids }));
  });
  return {
    nats: [...await judge.negativeLogLikelihoods(tokens)],
    units: tokens.map(({ ids }) => ids.length),
  };
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
