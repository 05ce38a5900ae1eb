import { studentModels } from "./systems/compared_systems.ts";
import type { Stage } from "../stages/stage.ts";
import type { PretrainedSizes } from "./pretrained_sizes.ts";
import { rewardModel, type RewardModelSettings } from "./stages/model_stages.ts";
import type { AblatedModels } from "./systems/compared_systems.ts";

/** The reward models of one task, each for a seed of training. */
export interface PretrainedRewards extends AblatedModels {
  readonly fudge: (seed: number) => Stage;
  readonly gedi: (seed: number) => Stage;
  readonly dexperts: (seed: number) => Stage;
}

/** The head alone, on hidden states that are read once: by the clock the best on a pretrained base. */
const head = { trunk: "all", batchSize: 100, epochs: 12, rate: 2e-3, shape: "cosine" } as const;

/** What is a language model cannot do with a head: adapters train, for few steps. */
const adapters = { lora: { rank: 8 }, batchSize: 16, rate: 1e-3, shape: "cosine" } as const;

/** Seconds that reading a text once and training a head on it take on 2 cores, and that a step of adapters takes, roughly. */
const seconds = {
  sentiment: { head: 0.008, adapterStep: 1.5 },
  toxicity: { head: 0.03, adapterStep: 4 },
} as const;

/** What reads texts with a teacher as well takes longer. */
const withTeacher = 1.6;

/**
 * Reward models on the backbone of a pretrained base: RAD and FUDGE, ARMs distilled from that RAD and trained on labels, those of the
 * ablation, and GeDi and DExperts.
 *
 * @param task for the names, and what texts are like.
 */
export function pretrainedRewards(
  task: keyof typeof seconds,
  { texts, base }: { readonly texts: Stage; readonly base: Stage },
  label: string,
  sizes: PretrainedSizes,
): PretrainedRewards {
  const named = (name: string, seed: number) => `${name} (${task}, seed ${seed})`;
  const ofHead = (
    name: string,
    kind: RewardModelSettings["kind"],
    settings: Partial<RewardModelSettings> = {},
  ) =>
  (seed: number, teacher?: Stage) =>
    rewardModel(
      named(name, seed),
      { texts, base, teacher },
      { ...head, kind, labels: [label], seed, ...settings },
      sizes.texts[task] * seconds[task].head * (teacher ? withTeacher : 1),
    );
  const ofAdapters = (name: string, kind: RewardModelSettings["kind"], models: number) =>
  (
    seed: number,
  ) =>
    rewardModel(
      named(name, seed),
      { texts, base },
      { ...adapters, kind, labels: [label], maxSteps: sizes.adapterSteps, seed },
      sizes.adapterSteps * models * seconds[task].adapterStep,
    );
  const rad = ofHead("RAD, the teacher", "rad");
  const student = (name: string, settings: Partial<RewardModelSettings> = {}) => (seed: number) =>
    ofHead(name, "arm", settings)(seed, rad(seed));
  return {
    rad,
    ...studentModels(student),
    labels: ofHead("an ARM on labels", "arm"),
    fudge: ofHead("FUDGE", "fudge"),
    gedi: ofAdapters("GeDi", "gedi", 1),
    dexperts: ofAdapters("DExperts", "dexperts", 2),
  };
}
