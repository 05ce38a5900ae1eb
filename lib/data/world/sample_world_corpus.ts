import { Random } from "../../random.ts";
import { createWorld, type World } from "./world.ts";

/** Options of `sampleWorldCorpus`. */
export interface WorldCorpusOptions {
  /** The seed; equal seeds give equal texts, and more texts begin with the same ones. */
  seed: number;
  /** The number of texts. */
  texts: number;
  /** The world to draw from. @default {createWorld()} */
  world?: World;
}

/** Texts with the exact posterior of their attributes. */
export interface WorldCorpus {
  /** The texts, each with its final full stop. */
  readonly texts: string[];
  /** P(positive | text): [texts]. */
  readonly positive: Float32Array;
  /** P(rude | text): [texts]. */
  readonly rude: Float32Array;
}

/**
 * Draws finished texts from the small world. The labels are not the traits that a text was drawn
 * from but their probability given the text, which is all that a reader could know.
 *
 * @throws {RangeError} `texts` is not a positive integer.
 */
export function sampleWorldCorpus(
  { seed, texts: count, world = createWorld() }: WorldCorpusOptions,
): WorldCorpus {
  if (!Number.isInteger(count) || count < 1) {
    throw new RangeError(`The number of texts must be a positive integer: it is ${count}.`);
  }
  const texts: string[] = [];
  const positive = new Float32Array(count);
  const rude = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const { text } = world.sample(new Random(seed, "world text", i));
    const score = world.score(text);
    texts.push(text);
    positive[i] = score.positive;
    rude[i] = score.rude;
  }
  return { texts, positive, rude };
}
