import { sampleWorldCorpus } from "../../data/world/sample_world_corpus.ts";
import { createWorld } from "../../data/world/world.ts";
import { worldPrompts } from "../../data/world/world_prompts.ts";
import { defineStage, type Stage } from "../../stages/stage.ts";
import { files, readRows, writeRows } from "./files.ts";
import type { GenerationRow } from "./generation_stage.ts";
import type { MeasuredRow } from "./measured_row.ts";

/** Texts of the small world with the exact posteriors of their attributes, `positive` and `rude`. */
export function worldTexts(settings: { seed: number; texts: number }): Stage {
  return defineStage({
    kind: "world-texts/1",
    title: `Sampling ${settings.texts} texts from the small world`,
    settings,
    needs: {},
    onDevice: false,
    cost: { seconds: settings.texts / 10_000, disk: settings.texts * 120, memory: 2e8 },
    async make(folder) {
      const { texts, positive, rude } = sampleWorldCorpus(settings);
      await writeRows(
        folder,
        files.texts,
        texts.map((text, i) => ({ text, positive: positive[i], rude: rude[i] })),
      );
    },
  });
}

/** Prompts of the small world that leave both attributes undecided. */
export function worldPromptsStage(settings: { seed: number; count: number }): Stage {
  return defineStage({
    kind: "world-prompts/1",
    title: `Drawing ${settings.count} prompts from the small world`,
    settings,
    needs: {},
    onDevice: false,
    cost: { seconds: 1, disk: settings.count * 50, memory: 1e8 },
    rows: settings.count,
    async make(folder) {
      await writeRows(folder, files.prompts, worldPrompts(settings).map((prompt) => ({ prompt })));
    },
  });
}

/** The world's exact judgement of generations: a probability of the attribute, and nats a word of the continuation. */
export function worldMeasurement(
  generations: Stage,
  settings: { attribute: "positive" | "rude"; maxNewTokens: number },
): Stage {
  return defineStage({
    kind: "world-measure/1",
    title: `Judging: ${generations.title}`,
    settings,
    needs: { generations },
    onDevice: false,
    cost: { seconds: 0.2, disk: 1e5, memory: 1e8 },
    async make(folder, from) {
      const world = createWorld();
      const rows = await readRows<GenerationRow>(from.generations, files.generations);
      const measured = rows.map(({ prompt, continuations, ids }): MeasuredRow => {
        const judged = continuations.map((text, i) =>
          world.score(text, { prompt, finished: ids[i].length < settings.maxNewTokens })
        );
        return {
          prompt,
          scores: judged.map((score) => score[settings.attribute]),
          nats: judged.map(({ logProbability }) => -logProbability),
          units: judged.map(({ words }) => Math.max(1, words)),
        };
      });
      await writeRows(folder, files.measured, measured);
    },
  });
}
