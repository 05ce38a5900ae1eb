import type { Stage } from "../../stages/stage.ts";
import type { RewardModelSettings } from "../stages/model_stages.ts";
import type { PairedModelSettings } from "../stages/paired_model_stage.ts";
import type { ComparedModels } from "./compared_systems.ts";
import type { System } from "./system.ts";

/** What systems of the small world are made of, in one task. */
export interface WorldParts {
  /** Texts with the exact probabilities of `positive` and `rude` as columns. */
  readonly texts: Stage;
  readonly base: Stage;
  /** What is controlled, and whether text is steered away from it. */
  readonly label: "positive" | "rude";
  readonly inverse: boolean;
  /** Trains a reward model on the texts, by the profile's usual settings and these. Default label: the task's. */
  reward(
    name: string,
    kind: string,
    seed: number,
    settings?: Partial<RewardModelSettings>,
    teacher?: Stage,
  ): Stage;
  /** Trains a reward model on preference pairs of the base model's own texts, by the profile's usual settings and these. */
  fromPairs(
    name: string,
    seed: number,
    settings: Pick<PairedModelSettings, "kind"> & Partial<PairedModelSettings>,
  ): Stage;
  /** RAD and the ARMs, which rate both labels, by seed of training. */
  readonly models: ComparedModels;
  /** The usual settings of training, and a factor on the epochs of all models. */
  readonly training: {
    readonly batchSize: number;
    readonly shape: "cosine";
    readonly warmup: number;
  };
  readonly effort: number;
}

/** A system of the small world. */
export type WorldSystem = (parts: WorldParts) => System;
