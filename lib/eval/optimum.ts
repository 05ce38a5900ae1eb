import { checkArgument, settle } from "../options/settle.ts";
import { bootstrapInterval, type BootstrapOptions, type Interval } from "./bootstrap.ts";
import { mean } from "./mean.ts";
import {
  type OptimumFrontierOptions,
  optimumFrontierOptions,
  type OptimumGapOptions,
  optimumGapOptions,
  perPromptKind,
} from "./optimum_options.ts";
import { type TiltedRewards, tiltedRewards } from "./tilted_rewards.ts";

/** The optimum at one strength, over all prompts. */
export interface FrontierPoint {
  readonly beta: number;
  /** E_p*[r]. */
  readonly reward: Interval;
  /** KL(p*‖p) = β E_p*[r] − log Z, in nats a text. */
  readonly divergence: Interval;
  /** log Z with Z = E_p[exp(β r)]. */
  readonly logZ: Interval;
  /** How many samples a prompt the weighted ones are worth: the harmonic mean over prompts of 1 / Σ w². */
  readonly effective: number;
}

/** Texts that a method wrote, prompt by prompt. */
export interface ControlledTexts {
  /** The reward r(x) of each; NaN where there is none. */
  readonly rewards: readonly ArrayLike<number>[];
  /** log q(x) − log p(x) of each, in nats. */
  readonly logRatios: readonly ArrayLike<number>[];
}

/** How far a method is from the optimum. */
export interface OptimumGap {
  /** E_q[r]. */
  readonly reward: Interval;
  /** KL(q‖p) = E_q[log q − log p], in nats a text. */
  readonly divergence: Interval;
  /** The strength of the optimum that it is compared with. */
  readonly beta: number;
  /**
   * KL(q‖p*), in nats a text, of which none can be below 0; at the β at which the optimum has the same mean reward it is how many
   * nats more the method takes than it has to. Absent where no trusted β has as much reward.
   */
  readonly gap?: Interval;
}

/** Strengths of the optimum: 0, and from 1/32 on each a tenth above the one before. */
const strengths: readonly number[] = [
  0,
  ...Array.from({ length: 100 }, (_, i) => 1.1 ** i / 32),
];

/**
 * The frontier of control: the most mean reward that any way to write can have at so many nats from the sampler p. What is on it
 * is p*(x) ∝ p(x) exp(β r(x)), which of all q has the greatest E_q[r] − KL(q‖p)/β, and that is log Z / β with
 * Z = E_p[exp(β r)]. All of it is estimated from the rewards of samples of p by importance weights
 * ({@linkcode tiltedRewards}), for every β at once; expectations are means over prompts, with one β for all of them.
 *
 * @param rewards of unguided texts, prompt by prompt; NaN where there is none. They should be in [0, 1].
 * @returns the points from β = 0 on, as far as the effective sample size is enough to tell.
 * @throws {RangeError} if there is no prompt, or one has fewer samples than have to be effective.
 */
export function optimumFrontier(
  rewards: readonly ArrayLike<number>[],
  options: OptimumFrontierOptions = {},
): FrontierPoint[] {
  checkArgument("optimumFrontier", "rewards", perPromptKind, rewards);
  const { minEffective, ...bootstrap } = settle("optimumFrontier", optimumFrontierOptions, options);
  const prompts = tiltedPrompts("optimumFrontier", rewards, strengths, minEffective);
  return strengths.slice(0, trusted(prompts, minEffective)).map((beta, i) => {
    const of = (statistic: (prompt: TiltedRewards) => number) =>
      bootstrapInterval(prompts.map(statistic), mean, bootstrap);
    return {
      beta,
      reward: of(({ reward }) => reward[i]),
      divergence: of(({ reward, logZ }) => beta * reward[i] - logZ[i]),
      logZ: of(({ logZ }) => logZ[i]),
      effective: effectiveAt(prompts, i),
    };
  });
}

/**
 * How far a method q is from the optimum: KL(q‖p*) = E_q[log q − log p − β r] + log Z, from its own texts and unguided ones of
 * the same prompts. By default β is the one at which the optimum has the method's mean reward, for which this is the least: the
 * method's distance from the frontier in nats, at equal control.
 *
 * @param unguided rewards of texts of p, prompt by prompt.
 * @throws {RangeError} if the prompts are not as many, one has no text or too few unguided ones, or β is one that the unguided
 *   texts are too few for.
 */
export function optimumGap(
  { rewards, logRatios }: ControlledTexts,
  unguided: readonly ArrayLike<number>[],
  options: OptimumGapOptions = {},
): OptimumGap {
  for (const [name, given] of Object.entries({ rewards, logRatios, unguided })) {
    checkArgument("optimumGap", name, perPromptKind, given);
  }
  const { beta, minEffective, ...bootstrap } = settle("optimumGap", optimumGapOptions, options);
  if (rewards.length !== unguided.length || rewards.length !== logRatios.length) {
    throw new RangeError(
      `optimumGap: there are texts of ${rewards.length} prompts, log-ratios of ${logRatios.length} and unguided texts of ` +
        `${unguided.length}: give those of the same prompts.`,
    );
  }
  const betas = beta === undefined ? strengths : [beta];
  const tilted = tiltedPrompts("optimumGap", unguided, betas, minEffective);
  const told = trusted(tilted, minEffective);
  if (told === 0) {
    throw new RangeError(
      `optimumGap: at β = ${beta} the unguided texts are worth ${
        effectiveAt(tilted, 0).toFixed(1)
      } samples a prompt, below ${minEffective}: draw more of them, or choose a smaller β.`,
    );
  }
  const prompts = tilted.map(({ logZ }, i): MeasuredPrompt => ({
    logZ,
    reward: mean(Array.from(rewards[i])),
    divergence: mean(Array.from(logRatios[i])),
  }));
  const own = mean(prompts.map(({ reward }) => reward));
  const nearest = leastPlace(prompts, betas.slice(0, told));
  const isBeyond = beta === undefined && mean(tilted.map(({ reward }) => reward[told - 1])) < own;
  return {
    reward: interval(prompts, ({ reward }) => reward, bootstrap),
    divergence: interval(prompts, ({ divergence }) => divergence, bootstrap),
    beta: betas[nearest],
    ...(isBeyond ? {} : {
      gap: bootstrapInterval(
        prompts,
        (sample) => gapAt(sample, betas, leastPlace(sample, betas.slice(0, told))),
        bootstrap,
      ),
    }),
  };
}

/** What is known of a prompt: log Z at every strength, and means over the method's texts. */
interface MeasuredPrompt {
  readonly logZ: Float64Array;
  readonly reward: number;
  readonly divergence: number;
}

function interval(
  prompts: readonly MeasuredPrompt[],
  of: (prompt: MeasuredPrompt) => number,
  bootstrap: BootstrapOptions,
): Interval {
  return bootstrapInterval(prompts.map(of), mean, bootstrap);
}

/** KL(q‖p*) at one of the strengths. */
function gapAt(
  prompts: readonly MeasuredPrompt[],
  betas: readonly number[],
  place: number,
): number {
  return mean(
    prompts.map(({ logZ, reward, divergence }) => divergence - betas[place] * reward + logZ[place]),
  );
}

/** The strength at which log Z − β E_q[r] is least; it is convex in β, with the slope E_p*[r] − E_q[r]. */
function leastPlace(prompts: readonly MeasuredPrompt[], betas: readonly number[]): number {
  let [low, high] = [0, betas.length - 1];
  while (low < high) {
    const place = (low + high) >> 1;
    const falls = gapAt(prompts, betas, place + 1) < gapAt(prompts, betas, place);
    if (falls) low = place + 1;
    else high = place;
  }
  return low;
}

function tiltedPrompts(
  caller: string,
  rewards: readonly ArrayLike<number>[],
  betas: readonly number[],
  least: number,
): TiltedRewards[] {
  return rewards.map((ofPrompt, prompt) => {
    const known = Array.from(ofPrompt).filter((reward) => !Number.isNaN(reward));
    if (known.length < Math.max(1, least)) {
      throw new RangeError(
        `${caller}: prompt ${
          prompt + 1
        } has ${known.length} unguided texts with a reward, and ${least} have to be effective: draw ` +
          "more, or lower 'minEffective'.",
      );
    }
    return tiltedRewards(known, betas);
  });
}

/** How many of the strengths can be told, from the weakest on. */
function trusted(prompts: readonly TiltedRewards[], least: number): number {
  const betas = prompts[0]?.logZ.length ?? 0;
  let count = 0;
  while (count < betas && effectiveAt(prompts, count) >= least) count++;
  return count;
}

/** Errors of the prompts add up as 1 / n does, so n is their harmonic mean. */
function effectiveAt(prompts: readonly TiltedRewards[], place: number): number {
  return 1 / mean(prompts.map(({ effective }) => 1 / effective[place]));
}
