import { type PolicySettings, worldPolicy } from "../stages/policy_stage.ts";
import { worldPromptsStage } from "../stages/world_stages.ts";
import type { PlannedSystem } from "./system_parts.ts";
import { writerSystem } from "./writer_system.ts";

/** Texts are as long, and drawn from as many tokens, as those that systems are compared by. */
const sampled = { maxNewTokens: 24, topK: 20 } as const;

/** A policy's training, by the strength that stands for how far it may go from the base model. */
type Plan = (beta: number) => Pick<
  PolicySettings,
  "method" | "iterations" | "rollouts" | "epochs" | "batchSize" | "klCoefficient" | "rate" | "shape"
>;

/** A language model of the small world that learns from the world's exact judgement of what it writes. */
const policyOf = (
  facts: { readonly name: string; readonly title: string; readonly betas: readonly number[] },
  plan: Plan,
  seconds: number,
): PlannedSystem =>
({ base, label, inverse, effort }) => {
  // other prompts than those that systems are compared by
  const prompts = worldPromptsStage({ seed: 1, count: 500 });
  return writerSystem({ ...facts, method: facts.name }, (seed, beta) => {
    const { iterations = 1, rollouts = 1, ...settings } = plan(beta);
    return worldPolicy(`${facts.title} (${label}, ${beta})`, { base, prompts }, {
      ...settings,
      ...sampled,
      iterations: Math.max(1, Math.round(iterations * effort)),
      rollouts: Math.max(16, Math.round(rollouts * effort)),
      label,
      inverse,
      seed,
    }, seconds);
  });
};

/** Quark: texts are learnt after tokens for the quantiles of their rewards. It has no strength. */
export const quarkSystem: PlannedSystem = policyOf(
  { name: "quark", title: "Quark", betas: [1] },
  () => ({
    method: "quark",
    iterations: 8,
    rollouts: 2048,
    epochs: 2,
    batchSize: 64,
    klCoefficient: 0.05,
    rate: 2e-3,
    shape: "linear",
  }),
  30,
);

/** PPO: its strength β is that of E[r] − KL / β, which it maximizes. */
export const ppoSystem: PlannedSystem = policyOf(
  { name: "ppo", title: "PPO", betas: [20] },
  (beta) => ({
    method: "ppo",
    iterations: 16,
    rollouts: 1024,
    epochs: 2,
    batchSize: 128,
    klCoefficient: 1 / beta,
    rate: 5e-4,
    shape: "linear",
  }),
  30,
);
