import { controlCodes } from "../data/control_codes.ts";
import type { Tokenizer } from "../data/tokenizer.ts";
import type { Backbone } from "../models/backbone.ts";
import type { Parameters } from "../models/parameters.ts";
import type { Seed } from "../options/seed_option.ts";
import { Random } from "../random.ts";
import { drawnBatches } from "./drawn_batches.ts";
import type { PolicyLearner } from "./policy_learner.ts";
import { quarkObjective } from "./quark_objective.ts";
import { exampleOf, type Rollout } from "./rollouts.ts";

/** How Quark learns. */
export interface QuarkSettings {
  /** K. */
  readonly quantiles: number;
  readonly klCoefficient: number;
  readonly seed: Seed;
}

/**
 * Quark (Lu et al., 2022): all texts so far are sorted into K quantiles of their rewards, and learnt after a token that stands for
 * the quantile. From the second iteration on, texts are written after the token of the best.
 *
 * The tokens are those of the digits 0 to K − 1, which the vocabulary has, so that the model goes together with reward models; the
 * authors add new ones. They also sort the texts anew in every iteration, as here.
 */
export function quark(
  backbone: Backbone,
  reference: Parameters,
  tokenizer: Tokenizer,
  { quantiles, klCoefficient, seed }: QuarkSettings,
): PolicyLearner {
  const words = Array.from({ length: quantiles }, (_, i) => String(i));
  const codes = controlCodes(tokenizer, words, -1);
  const pool: Rollout[] = [];
  return {
    objective: quarkObjective(backbone, reference, { codes, klCoefficient }),
    beside: new Map(),
    controlCodes: {
      tokens: Object.fromEntries(words.map((word, i) => [word, codes[i]])),
      chosen: words[quantiles - 1],
    },
    readsCode: (iteration) => iteration > 0,
    recall: (written) => void pool.push(...written),

    learn(written, { iteration, steps, batchSize }) {
      pool.push(...written);
      const quantile = quantilesOf(pool.map(({ reward }) => reward), quantiles);
      const examples = pool.map((rollout, i) => ({ ...exampleOf(rollout), labels: [quantile[i]] }));
      const random = new Random(seed, "order", iteration);
      const batches = drawnBatches(examples, { steps, batchSize }, random);
      return Promise.resolve({ batches, facts: {} });
    },
  };
}

/** The quantile of each number among all, 0 for the least to K − 1 for the greatest, as many in each; equals in their order. */
export function quantilesOf(numbers: readonly number[], quantiles: number): number[] {
  const order = numbers.map((_, i) => i).sort((a, b) => numbers[a] - numbers[b] || a - b);
  const quantile = new Array<number>(numbers.length);
  order.forEach((place, rank) => {
    quantile[place] = Math.floor(rank * quantiles / numbers.length);
  });
  return quantile;
}
