import type { Stage } from "../../stages/stage.ts";

/** What is continued, and how: one system, strength, set of prompts and seed. */
export interface SystemPoint {
  /** What it is called while it is made. */
  readonly title: string;
  /** The model that writes where nothing controls it. */
  readonly base: Stage;
  readonly prompts: Stage;
  readonly sampling: SamplingSettings;
  /** What is controlled, how strongly, and whether text is steered away from it. */
  readonly steering: { readonly label: string; readonly beta: number; readonly inverse: boolean };
  /** How long it takes on 2 cores, roughly, where one reward model steers. */
  readonly seconds: number;
}

/** How continuations are drawn; the seed is also that of the models' training. */
export interface SamplingSettings {
  readonly topK: number;
  readonly samples: number;
  readonly maxNewTokens: number;
  readonly seed: number;
  /** Prompts that are continued in one go; numbers depend on it in their last digits. Default 200. */
  readonly part?: number;
}

/** A way to control text in one task, whatever it is made of. */
export interface System {
  /** What files and settings call it, such as `"arm-distilled"`. */
  readonly name: string;
  /** What tables and charts call it. */
  readonly title: string;
  /** Its kind in the list of methods. */
  readonly method: string;
  /** Its strengths, whatever they are to it; one of 1 where it has none. */
  readonly betas: readonly number[];
  /** The stage that continues the prompts, with all the stages that it needs: its result is that of `generationBy`. */
  generate(point: SystemPoint): Stage;
  /** Its reward model for a seed of training, where it has one that can rate the whole vocabulary. */
  readonly model?: (seed: number) => Stage;
}
