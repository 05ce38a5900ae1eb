import type { BaseModel } from "../../lib/bases/base_model.ts";
import { scoreInBatches, type Scorer } from "../../lib/eval/scorers/scorer.ts";
import { letters } from "../bases/letters.ts";

// A world so small that all texts can be counted: four tokens, each one of three.

export const [topK, length] = [3, 4];

/** Some reward of a text, from 0 to 1, that few texts share. */
const rewardOfText = (text: string) =>
  ([...text].reduce((sum, letter, place) => sum + (7 * place + 3) * letter.codePointAt(0)!, 5) %
    23) / 22;

/** The same of what tokens write; one that ends texts writes nothing. */
export const rewardOf = (ids: readonly number[]) => rewardOfText(letters.decode(ids));

/** A scorer by that reward. */
export const scorer: Scorer = {
  name: "sums",
  version: "1",
  labels: ["sum"],
  reads: "continuation",
  score: (texts, options = {}) =>
    scoreInBatches(
      texts,
      1,
      1000,
      (batch) => batch.map(rewardOfText),
      options,
    ),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

/** A token that may come, and its probability by the sampler. */
export interface Next {
  readonly id: number;
  readonly p: number;
}

/** The sampler's law of the next token after a prompt and what follows it. */
export type NextAfter = (ids: readonly number[]) => readonly Next[];

/** All such laws after a prompt, as the base model gives them. */
export async function lawsAfter(base: BaseModel, prompt: readonly number[]): Promise<NextAfter> {
  const known = new Map<string, Next[]>();
  let texts: number[][] = [[]];
  for (let step = 0; step < length; step++) {
    using reading = await base.start(texts.map((ids) => [...prompt, ...ids]), topK);
    const { ids, logits } = reading.candidates;
    texts = texts.flatMap((text, row) => {
      const places = Array.from({ length: topK }, (_, i) => row * topK + i);
      const weights = places.map((place) => Math.exp(Number(logits.data[place])));
      const total = weights.reduce((a, b) => a + b);
      const next = places.map((place, i) => ({
        id: Number(ids!.data[place]),
        p: weights[i] / total,
      }));
      known.set(`${text}`, next);
      return next.map(({ id }) => [...text, id]);
    });
  }
  return (ids) => known.get(`${ids}`)!;
}

/** Probabilities of whole texts. */
export type Law = ReadonlyMap<string, number>;

/** The base model's own law of whole texts. */
export function unguided(next: NextAfter): Law {
  const law = new Map<string, number>();
  const visit = (ids: readonly number[], p: number): void => {
    if (ids.length === length) law.set(`${ids}`, p);
    else for (const token of next(ids)) visit([...ids, token.id], p * token.p);
  };
  visit([], 1);
  return law;
}

export const idsOf = (text: string) => text.split(",").map(Number);

export function divergenceOf(q: Law, p: Law): number {
  return [...q].reduce((sum, [text, x]) => sum + (x > 0 ? x * Math.log(x / p.get(text)!) : 0), 0);
}

/**
 * How far counts are from a law, in standard deviations of Pearson's χ²; rare texts are counted together.
 */
export function distanceFrom(law: Law, texts: readonly (readonly number[])[]): number {
  const counts = Map.groupBy(texts, (ids) => `${ids}`);
  let [chi, cells, rareSeen, rareExpected] = [0, 0, 0, 0];
  const add = (seen: number, expected: number) => {
    chi += (seen - expected) ** 2 / expected;
    cells++;
  };
  for (const [text, q] of law) {
    const [seen, expected] = [counts.get(text)?.length ?? 0, q * texts.length];
    if (expected >= 5) add(seen, expected);
    else [rareSeen, rareExpected] = [rareSeen + seen, rareExpected + expected];
  }
  if (rareExpected > 0.5) add(rareSeen, rareExpected);
  return (chi - (cells - 1)) / Math.sqrt(2 * (cells - 1));
}
