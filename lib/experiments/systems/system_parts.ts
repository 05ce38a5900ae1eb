import type { Stage } from "../../stages/stage.ts";
import type { RewardModelSettings } from "../stages/model_stages.ts";
import type { PairedModelSettings } from "../stages/paired_model_stage.ts";
import type { ComparedModels } from "./compared_systems.ts";
import type { System } from "./system.ts";

/** What systems are made of in one task, whatever the profile. */
export interface SystemParts {
  /** Texts with the label as a column. */
  readonly texts: Stage;
  readonly base: Stage;
  /** What is controlled, and whether text is steered away from it. */
  readonly label: string;
  readonly inverse: boolean;
  /** Trains a reward model on the texts, by the profile's usual settings and these. Default label: the task's. */
  reward(
    name: string,
    kind: string,
    seed: number,
    settings?: Partial<RewardModelSettings>,
    teacher?: Stage,
  ): Stage;
  /** Trains a reward model on preference pairs, by the profile's usual settings and these. */
  fromPairs(
    name: string,
    seed: number,
    settings: Pick<PairedModelSettings, "kind"> & Partial<PairedModelSettings>,
  ): Stage;
  /** RAD and the ARMs, by seed of training. */
  readonly models: ComparedModels;
  /** The usual settings of training, and a factor on the epochs of all models. */
  readonly training: {
    readonly batchSize: number;
    readonly shape: "cosine";
    readonly warmup: number;
  };
  readonly effort: number;
}

/** A system, planned from its parts. */
export type PlannedSystem = (parts: SystemParts) => System;
