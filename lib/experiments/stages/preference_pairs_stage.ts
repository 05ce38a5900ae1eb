import { Random } from "../../random.ts";
import { defineStage, type Stage } from "../../stages/stage.ts";
import { files, readRows, writeRows } from "./files.ts";
import type { GenerationRow } from "./generation_stage.ts";
import type { MeasuredRow } from "./measured_row.ts";

/** How the answers of a pair are compared. */
export interface PairSettings {
  readonly seed: number;
  /**
   * Whoever compares the scores r of two answers prefers the first with the probability σ(scale · (r₁ − r₂)), as Bradley and
   * Terry say, so that what learns from the pairs has scores of about scale · r.
   */
  readonly scale: number;
}

/**
 * Preference pairs of labelled texts, without prompts: each of the texts that have the label with one of those that have not, as
 * far as there are of both.
 *
 * @param label a column of the texts, from 0 to 1.
 */
export function labelledPairs(
  name: string,
  texts: Stage,
  settings: { readonly label: string; readonly seed: number },
): Stage {
  return defineStage({
    kind: "labelled-pairs/1",
    title: `Comparing ${name}`,
    settings: { ...settings },
    needs: { texts },
    onDevice: false,
    cost: { seconds: 1, disk: texts.cost.disk, memory: texts.cost.memory },
    async make(folder, from) {
      const rows = await readRows<{ text: string } & Record<string, number>>(
        from.texts,
        files.texts,
      );
      const side = (has: boolean) =>
        new Random(settings.seed, "labelled pairs", has ? "with" : "without").shuffle(
          rows.filter((row) => row[settings.label] >= 0.5 === has).map(({ text }) => text),
        );
      const [chosen, rejected] = [side(true), side(false)];
      const pairs = chosen.slice(0, rejected.length).map((text, i) => (
        { prompt: "", chosen: text, rejected: rejected[i] }
      ));
      await writeRows(folder, files.pairs, pairs);
    },
  });
}

/** The score that an answer of every pair has. */
type Judged = readonly [answer: string, score: number];

/**
 * Preference pairs: of the continuations of each prompt every two that follow one another, of which the one with more of what was
 * judged is likelier to be chosen. Those without a score, and empty ones, are left out.
 *
 * @param sources generations, and what a judge says of them.
 */
export function preferencePairs(
  name: string,
  { generations, measured }: { readonly generations: Stage; readonly measured: Stage },
  settings: PairSettings,
): Stage {
  return defineStage({
    kind: "preference-pairs/1",
    title: `Comparing ${name}`,
    settings: { ...settings },
    needs: { generations, measured },
    onDevice: false,
    cost: { seconds: 1, disk: generations.cost.disk, memory: 2e8 },
    async make(folder, from) {
      const written = await readRows<GenerationRow>(from.generations, files.generations);
      const judged = await readRows<MeasuredRow>(from.measured, files.measured);
      const pairs = written.flatMap(({ prompt, continuations }, place) => {
        const random = new Random(settings.seed, "preference pairs", place);
        const answers = continuations.flatMap((answer, i): Judged[] => {
          const score = judged[place].scores[i];
          return score === null || answer.trim() === "" ? [] : [[answer, score]];
        });
        return Array.from({ length: Math.floor(answers.length / 2) }, (_, i) => {
          const [[a, ofA], [b, ofB]] = answers.slice(2 * i, 2 * i + 2);
          const prefersA = random.uniform() < 1 / (1 + Math.exp(-settings.scale * (ofA - ofB)));
          const [chosen, rejected] = prefersA ? [a, b] : [b, a];
          return { prompt, chosen, rejected };
        });
      });
      await writeRows(folder, files.pairs, pairs);
    },
  });
}
