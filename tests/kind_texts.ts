import type { LabelledTexts } from "../lib/data/labelled_texts.ts";
import { scoreInBatches, type Scorer } from "../lib/eval/scorers/scorer.ts";
import { Random } from "../lib/random.ts";
import { trainLanguageModel } from "../lib/train/train_language_model.ts";
import { cpu } from "./run_graph.ts";

const random = new Random(1, "texts");
const words = [["kind", "warm", "calm"], ["cold", "rude", "loud"]];

/** Texts of kind words or of rude ones, and a second label that says nothing. */
export const kindTexts: LabelledTexts = {
  texts: Array.from(
    { length: 400 },
    (_, i) => Array.from({ length: 6 }, () => words[i % 2][random.integer(3)]).join(" "),
  ),
  labels: Float32Array.from({ length: 800 }, (_, i) => i % 2 === 0 ? 1 - (i / 2) % 2 : 0.5),
  labelNames: ["kind", "even"],
  skipped: 0,
};

/** Trains a model that writes such texts, in a second. */
export async function trainKindModel(out: string): Promise<void> {
  await trainLanguageModel(kindTexts.texts, cpu, {
    out,
    vocabularySize: 300,
    contextLength: 40,
    width: 16,
    layers: 1,
    heads: 2,
    learningRate: 1e-2,
    schedule: "constant",
    warmupSteps: 0,
    batchSize: 25,
    epochs: 4,
    holdOut: 0,
    keepOptimizer: false,
  });
}

/** The share of kind words in a text. */
export function kindnessOf(text: string): number {
  const read = text.split(/\s+/).filter((word) => word !== "");
  return read.filter((word) => words[0].includes(word)).length / Math.max(1, read.length);
}

/** A scorer by that share. */
export const kindScorer: Scorer = {
  name: "kind words",
  version: "1",
  labels: ["kind"],
  reads: "continuation",
  score: (texts, options = {}) =>
    scoreInBatches(texts, 1, 1000, (batch) => batch.map(kindnessOf), options),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};
