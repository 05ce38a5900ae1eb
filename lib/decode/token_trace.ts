import type { Tokenizer } from "../data/tokenizer.ts";
import type { RuleName } from "../methods/rules.ts";
import type { Value } from "../runtime/value.ts";
import { divisorOf } from "./draw.ts";
import type { Guide } from "./generate.ts";
import {
  type GenerateTextsOptions,
  generateTextsOptions,
  settledGeneration,
  type StepTrace,
} from "./generate_options.ts";
import { defaultBeta } from "./guidance.ts";
import { likelyEnough, nucleusOf, placeOfLargest, softmaxOf } from "./row_filters.ts";
import { tokenText } from "./token_text.ts";

/** A token that a step could have taken. */
export interface CandidateTrace {
  readonly id: number;
  /** What the token adds to the text; U+FFFD for a part of a character, its spelling for a special token. */
  readonly text: string;
  /** The base model's logit, after the repetition penalty where there is one. */
  readonly logit: number;
  /** From 0 to 1, how much the guides want it: β-weighted mean over the labels that steer; absent where nothing steers. */
  readonly reward?: number;
  /** What the guides add to its logit: β r in equation (1). 0 where nothing steers. */
  readonly added: number;
  /** Its probability among the candidates before and after guidance, at the temperature of the draw and before `topP` and `minP` cut. */
  readonly before: number;
  readonly after: number;
}

/** What one step of one text chose, and from what. */
export interface TokenTrace {
  /** The token taken. */
  readonly taken: CandidateTrace;
  /** All candidates, in the step's order. */
  readonly candidates: readonly CandidateTrace[];
  /**
   * What the same draw, with the same noise, takes at this place without guidance. Where the whole vocabulary is
   * rated, it is taken among the same candidates, which are the guided top k.
   */
  readonly unsteered: CandidateTrace;
}

/**
 * What one row of a step chose, in numbers to look at. Rewards are those that the rules add to logits, where these
 * are from 0 to 1 by themselves; of a model whose scores are log-odds or differences of logits they are σ(score).
 *
 * @param options those that the generation was given.
 */
export function tokenTrace(
  step: StepTrace,
  row: number,
  tokenizer: Tokenizer,
  options: GenerateTextsOptions = {},
): TokenTrace {
  const { guides, temperature, topP, minP } = settledGeneration(
    "tokenTrace",
    generateTextsOptions,
    options,
  );
  const [, k] = step.candidates.dims;
  const ofRow = ({ data }: Value) => (data as Float32Array).subarray(row * k, (row + 1) * k);
  const ids = (step.candidates.data as BigInt64Array).subarray(row * k, (row + 1) * k);
  const [logits, guided, noise] = [step.logits, step.guided, step.noise].map(ofRow);
  // as the graph does it, in float32
  const divisor = Math.fround(divisorOf(temperature));
  // only the cut of the base model leaves a candidate no guided logit
  const base = logits.map((logit, i) => guided[i] === -Infinity ? -Infinity : logit / divisor);
  const before = softmaxOf(base);
  const after = softmaxOf(guided.map((logit) => logit / divisor));
  const rewards = rewardsOf(step, row, guides);
  const candidates = Array.from(ids, (id, i): CandidateTrace => ({
    id: Number(id),
    text: tokenText(tokenizer, Number(id)),
    logit: logits[i],
    ...(rewards ? { reward: rewards[i] } : {}),
    added: guided[i] === -Infinity ? 0 : guided[i] - logits[i],
    before: before[i],
    after: after[i],
  }));
  const inNucleus = topP === undefined ? base : nucleusOf(base, before, topP);
  const kept = minP === undefined ? inNucleus : likelyEnough(inNucleus, minP);
  return {
    taken: candidates[step.places[row]],
    candidates,
    unsteered: candidates[placeOfLargest(kept.map((logit, i) => logit + noise[i]))],
  };
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

const clamped = (score: number): number => Math.min(Math.max(score, 0), 1);

/** From 0 to 1, how much of its label a score stands for. */
const shares: Record<RuleName, (score: number) => number> = {
  reward: clamped,
  logProbability: sigmoid,
  difference: sigmoid,
  cap: clamped,
};

/** How much the guides want each candidate; nothing where none steers. */
function rewardsOf(
  { scores, candidates }: StepTrace,
  row: number,
  guides: readonly Guide[],
): number[] | undefined {
  const [, k] = candidates.dims;
  const sums = new Array<number>(k).fill(0);
  let strength = 0;
  guides.forEach(({ model: { rule, labels }, steering }, guide) => {
    for (const { label, beta = defaultBeta, inverse = false } of steering) {
      const start = (row * labels.length + labels.indexOf(label)) * k;
      // a negative β steers away from what it else would steer towards
      const away = inverse !== beta < 0;
      strength += Math.abs(beta);
      for (let i = 0; i < k; i++) {
        const share = shares[rule](scores[guide].data[start + i] as number);
        sums[i] += Math.abs(beta) * (away ? 1 - share : share);
      }
    }
  });
  return strength === 0 ? undefined : sums.map((sum) => sum / strength);
}
