import { Random } from "../../random.ts";
import type { LabelledTexts } from "../labelled_texts.ts";
import { shownLabelledTexts } from "../labelled_texts_look.ts";
import type { OptionsOf, OptionTable } from "../../options/option.ts";
import { seedOption } from "../../options/seed_option.ts";
import { settle } from "../../options/settle.ts";
import { createWorld } from "./world.ts";
import { worldOption } from "./world_option.ts";

/** What `sampleWorldCorpus` takes. */
export const sampleWorldCorpusOptions = {
  seed: {
    ...seedOption,
    help: "equal seeds give equal texts, and more texts begin with the same ones",
  },
  texts: { type: "integer", min: 1, required: true, help: "how many texts are drawn" },
  world: worldOption,
} as const satisfies OptionTable;
export type WorldCorpusOptions = OptionsOf<typeof sampleWorldCorpusOptions>;

/**
 * Texts with the exact posterior of their attributes: labelled texts, whose labels are `positive` and `rude`. Each text
 * ends with its full stop.
 */
export interface WorldCorpus extends LabelledTexts {
  /** P(positive | text): [texts]. */
  readonly positive: Float32Array;
  /** P(rude | text): [texts]. */
  readonly rude: Float32Array;
}

/**
 * Draws finished texts from the small world. The labels are not the traits that a text was drawn
 * from but their probability given the text, which is all that a reader could know.
 *
 * @throws {TypeError | RangeError} if an option is unknown, missing or out of range.
 */
export function sampleWorldCorpus(options: WorldCorpusOptions): WorldCorpus {
  const { seed, texts: count, world = createWorld() } = settle(
    "sampleWorldCorpus",
    sampleWorldCorpusOptions,
    options,
  );
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
  const labels = Float32Array.from(
    { length: 2 * count },
    (_, i) => (i % 2 === 0 ? positive : rude)[i >> 1],
  );
  const labelNames = ["positive", "rude"];
  return shownLabelledTexts({ texts, labels, labelNames, skipped: 0, positive, rude });
}
