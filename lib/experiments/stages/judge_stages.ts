import { join } from "node:path";
import { readLabelledTexts } from "../../data/labelled_texts.ts";
import { loadTokenizer } from "../../data/tokenizer.ts";
import { writeClassifierFolder } from "../../eval/classifier_folder.ts";
import { openLikelihoodJudge } from "../../eval/likelihood.ts";
import { openScorer } from "../../eval/scorers/mod.ts";
import { trainTextClassifiers } from "../../eval/train_text_classifiers.ts";
import { defineStage, type Stage } from "../../stages/stage.ts";
import { files, readRows, writeRows } from "./files.ts";
import type { GenerationRow } from "./generation_stage.ts";
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
  /** Whether the continuation is scored alone, or after its prompt. */
  reads: "continuation" | "whole";
}

/**
 * What a scorer says of generations, and their negative log-likelihood under a larger language model with the same
 * tokenizer.
 *
 * @param scorer a folder that `openScorer` opens.
 */
export function judged(
  { generations, scorer, fluency }: { generations: Stage; scorer: Stage; fluency: Stage },
  settings: JudgeSettings,
): Stage {
  return defineStage({
    kind: "judge/1",
    title: `Judging: ${generations.title}`,
    settings: { ...settings },
    needs: { generations, scorer, fluency },
    cost: { seconds: 5, disk: 1e5, memory: 5e8 + 2 * fluency.cost.disk },
    async make(folder, from, { device, signal }) {
      const rows = await readRows<GenerationRow>(from.generations, files.generations);
      await using scorer = await openScorer(from.scorer);
      await using fluency = await openLikelihoodJudge(from.fluency, device);
      const tokenizer = await loadTokenizer(from.fluency);
      const texts = rows.flatMap(({ prompt, continuations }) =>
        continuations.map((text) => settings.reads === "whole" ? prompt + text : text)
      );
      const scores = await scorer.score(texts, { signal });
      const label = scorer.labels.indexOf(settings.label);
      if (label < 0) {
        throw new RangeError(
          `The scorer has no label '${settings.label}': it has ${scorer.labels.join(", ")}`,
        );
      }
      const nats = await fluency.negativeLogLikelihoods(
        rows.flatMap(({ prompt, ids }) => {
          const before = tokenizer.encode(prompt);
          return ids.map((ids) => ({ prompt: before, ids }));
        }),
      );
      let at = 0;
      const measured = rows.map(({ prompt, ids }): MeasuredRow => {
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
      await writeRows(folder, files.measured, measured);
    },
  });
}
