import { mean } from "../eval/mean.ts";
import type { Backbone } from "../models/backbone.ts";
import type { Parameters } from "../models/parameters.ts";
import type { Seed } from "../options/seed_option.ts";
import { Random } from "../random.ts";
import type { Example } from "../train/objective.ts";
import { type Discounting, estimateAdvantages, whitened } from "./advantages.ts";
import { drawnBatches } from "./drawn_batches.ts";
import type { PolicyLearner } from "./policy_learner.ts";
import { type Experience, type PpoLossSettings, ppoObjective } from "./ppo_objective.ts";
import { readWithPolicy } from "./ppo_reading.ts";
import { exampleOf } from "./rollouts.ts";
import { valueHeadShapes } from "./value_head.ts";

/** How PPO learns. */
export interface PpoSettings extends PpoLossSettings, Discounting {
  readonly klCoefficient: number;
  readonly seed: Seed;
}

/**
 * Proximal policy optimization with a penalty for leaving the reference (Ziegler et al., 2019; Ouyang et al., 2022): a token's reward
 * is −β (log π − log π_ref), and the last one's also that of the text. Advantages are whitened over an iteration's texts.
 */
export function ppo(
  backbone: Backbone,
  reference: Parameters,
  { klCoefficient, seed, discount, lambda, ...losses }: PpoSettings,
): PolicyLearner {
  const experiences = new WeakMap<Example, Experience>();
  return {
    objective: ppoObjective(backbone, experiences, losses),
    // every text is as good as another at first
    beside: new Map(
      [...valueHeadShapes(backbone)].map(([name, shape]) =>
        [name, new Float32Array(shape[0])] as const
      ),
    ),
    readsCode: () => false,
    recall: () => {},

    async learn(written, { iteration, steps, batchSize, parameters, device }) {
      const examples = written.map(exampleOf);
      const readings = await readWithPolicy(backbone, examples, {
        policy: parameters,
        reference,
        device,
        batchSize,
      });
      const divergences = readings.map(({ logProbabilities, reference }) =>
        logProbabilities.map((own, t) => own - reference[t])
      );
      const estimates = readings.map(({ values }, i) => {
        const rewards = divergences[i].map((nats) => -klCoefficient * nats);
        rewards[rewards.length - 1] += written[i].reward;
        return estimateAdvantages(rewards, values, { discount, lambda });
      });
      const advantages = whitened(estimates.map(({ advantages }) => advantages));
      examples.forEach((example, i) => {
        const { logProbabilities, values } = readings[i];
        const { returns } = estimates[i];
        experiences.set(example, {
          logProbabilities,
          values,
          advantages: advantages[i],
          returns,
        });
      });
      const random = new Random(seed, "order", iteration);
      const batches = drawnBatches(examples, { steps, batchSize }, random);
      const nats = divergences.map((each) => each.reduce((sum, x) => sum + x, 0));
      return { batches, facts: { kl: mean(nats) } };
    },
  };
}
