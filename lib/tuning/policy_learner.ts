import type { ControlCodes } from "../models/control_codes.ts";
import type { Parameters } from "../models/parameters.ts";
import type { Device } from "../runtime/device.ts";
import type { Example, Objective } from "../train/objective.ts";
import type { Rollout } from "./rollouts.ts";

/** What an iteration's texts are learnt with. */
export interface IterationContext {
  /** From 0. */
  readonly iteration: number;
  /** How many batches are learnt, and of how many texts each. */
  readonly steps: number;
  readonly batchSize: number;
  /** The model that wrote the texts. */
  readonly parameters: Parameters;
  readonly device: Device;
}

/** What is learnt in an iteration. */
export interface Lesson {
  readonly batches: readonly (readonly Example[])[];
  /** What is worth telling of the texts, beside their rewards: numbers by name. */
  readonly facts: Readonly<Record<string, number>>;
}

/** A way to learn from the rewards of texts. */
export interface PolicyLearner {
  readonly objective: Objective;
  /** Initial values of parameters that are the objective's and not the model's. */
  readonly beside: ReadonlyMap<string, Float32Array>;
  /** The control codes of the model, where it has such. */
  readonly controlCodes?: ControlCodes;
  /** Whether an iteration's texts begin with the chosen code. */
  readsCode(iteration: number): boolean;
  /** Takes back texts of iterations before, in their order, where a run is resumed. */
  recall(written: readonly Rollout[]): void;
  learn(written: readonly Rollout[], context: IterationContext): Promise<Lesson>;
}
