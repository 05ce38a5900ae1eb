import { createWorld } from "../../data/world/world.ts";
import { scoreInBatches, type Scorer } from "./scorer.ts";

/**
 * The exact truth of the small world: the probabilities that a text is positive and that it is rude, given the words. A
 * text that ends with its full stop is finished; of any other, the words so far are judged, and a last word that is not
 * known is taken as cut short. A text that the world cannot write has no score.
 */
export function openWorldScorer(): Scorer {
  const world = createWorld();
  const labels = ["positive", "rude"];
  return {
    name: "world",
    version: "1",
    labels,
    reads: "whole",
    score: (texts, options = {}) =>
      scoreInBatches(texts, labels.length, 1000, (batch) =>
        batch.flatMap((text) => {
          const { positive, rude } = world.score(text, { finished: /(^|\s)\.\s*$/.test(text) });
          return [positive, rude];
        }), options),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
