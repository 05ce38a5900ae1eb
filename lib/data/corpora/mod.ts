import { amazonPolarity } from "./amazon_polarity.ts";
import { shownCorpora } from "./corpora_look.ts";
import type { Corpus } from "./corpus.ts";
import { jigsawUnintendedBias } from "./jigsaw_unintended_bias.ts";
import { openWebTextSentimentPrompts } from "./openwebtext_sentiment_prompts.ts";
import { realToxicityPrompts, realToxicityPrompts10k } from "./real_toxicity_prompts.ts";
import { sst2 } from "./sst2.ts";

/** Every corpus that is known by name. */
export const corpora: readonly Corpus[] = shownCorpora([
  jigsawUnintendedBias,
  amazonPolarity,
  sst2,
  realToxicityPrompts,
  realToxicityPrompts10k,
  openWebTextSentimentPrompts,
]);

/** The corpus of that name. @throws RangeError, naming all there are, if there is none. */
export function corpusNamed(name: string): Corpus {
  const found = corpora.find((corpus) => corpus.name === name);
  if (found !== undefined) return found;
  throw new RangeError(
    `There is no corpus '${name}': name one of ${corpora.map(({ name }) => name).join(", ")}`,
  );
}
