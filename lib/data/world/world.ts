import type { Random } from "../../random.ts";
import type { Automaton } from "./automaton.ts";
import { compileGrammar } from "./compile_grammar.ts";
import { worldGrammar } from "./world_grammar.ts";

/** A text of the small world with the traits it was written from. */
export interface WorldText {
  /** Lower-case words and signs separated by single blanks; it ends with " ." */
  readonly text: string;
  /** Whether it was written to praise. */
  readonly positive: boolean;
  /** Whether it was written to offend. */
  readonly rude: boolean;
}

/** How a text is to be read. */
export interface WorldScoreOptions {
  /** What stands before the text; its words are followed by a blank. @default {""} */
  prompt?: string;
  /**
   * Whether the text ends there. If not, a last word that is not known is taken as cut short.
   *
   * @default {true}
   */
  finished?: boolean;
}

/** What the small world knows of a text. */
export interface WorldScore {
  /** log P(text | prompt), in nats; with the end of the text where it is finished. */
  readonly logProbability: number;
  /** The number of words of the text, signs included, the prompt left out. */
  readonly words: number;
  /** P(positive | prompt and text). */
  readonly positive: number;
  /** P(rude | prompt and text). */
  readonly rude: number;
}

/** A world of short texts whose probabilities and attributes are known exactly. */
export interface World {
  /** All words and signs that its texts are made of. */
  readonly words: readonly string[];
  /** Writes a text. */
  sample(random: Random): WorldText;
  /** How probable a text is, and what it expresses, exactly. */
  score(text: string, options?: WorldScoreOptions): WorldScore;
}

/** The grammar as an automaton, which nothing changes: all worlds share it. */
let compiled: Automaton | undefined;

/**
 * Makes the small world: reviews and remarks from the grammar of `world_grammar.ts`, whose sentiment
 * and rudeness are latent classes, with exact probabilities by the forward algorithm.
 *
 * @example
 * ```ts
 * const world = createWorld();
 * world.score("was delicious .", { prompt: "the soup" }).positive;
 * ```
 */
export function createWorld(): World {
  const automaton = compiled ??= compileGrammar(worldGrammar);
  const having = (trait: string) =>
    worldGrammar.classes.map(({ traits }) => traits.includes(trait));
  const positive = having("positive");
  const rude = having("rude");
  const share = (posterior: Float64Array, classes: readonly boolean[]) =>
    posterior.reduce((sum, probability, c) => classes[c] ? sum + probability : sum, 0);

  return {
    words: automaton.words,
    sample(random) {
      const { words, class: latent } = automaton.sample(random);
      return { text: words.join(" "), positive: positive[latent], rude: rude[latent] };
    },
    score(text, { prompt = "", finished = true } = {}) {
      const words = wordsOf(text);
      const { logProbability, posterior } = automaton.score(wordsOf(prompt), words, finished);
      return {
        logProbability,
        words: words.length,
        positive: share(posterior, positive),
        rude: share(posterior, rude),
      };
    },
  };
}

/** exp of the mean negative log-probability per word: the true perplexity of the scored texts. */
export function perplexity(
  scores: Iterable<Pick<WorldScore, "logProbability" | "words">>,
): number {
  let logProbability = 0;
  let words = 0;
  for (const score of scores) {
    logProbability += score.logProbability;
    words += score.words;
  }
  if (words === 0) throw new RangeError("The perplexity of texts without words is not defined.");
  return Math.exp(-logProbability / words);
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}
