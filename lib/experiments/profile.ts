import type { Stage } from "../stages/stage.ts";
import type { efficiencyScales } from "./efficiency_scales.ts";
import type { EfficiencyStageOptions } from "./stages/efficiency_stage.ts";
import type { System } from "./systems/system.ts";

/** What is controlled: less toxicity, or more positive text. */
export const taskNames = ["detox", "sentiment"] as const;
export type TaskName = typeof taskNames[number];

/** How a number is made of the scores of a prompt's continuations: their mean, their maximum, or the share above ½. */
export type Control = "mean" | "maximum" | "share";

/** One of the paper's two evaluations, with the models and data of a profile. */
export interface Task {
  readonly name: TaskName;
  /** The label of the reward models. */
  readonly label: string;
  /** Whether text is steered away from it. */
  readonly inverse: boolean;
  /** What stands on the axis of control. */
  readonly control: Control;
  /** Whether a perplexity is the mean over continuations, or of all their words together. */
  readonly fluency: "perplexity" | "nats";
  readonly controlTitle: string;
  /** What the mean score of a text is called, where that is not what stands on the axis. */
  readonly rewardTitle?: string;
  readonly perplexityTitle: string;
  /** Who judges the attribute, for the report. */
  readonly judge: string;
  /** A second judge, of another kind, whose numbers stand beside the first one's; absent without one. */
  readonly check?: string;
  readonly base: Stage;
  /** Prompts by the name of their set. */
  readonly prompts: Readonly<Record<string, Stage>>;
  /** What the paper's figure compares. */
  readonly systems: readonly System[];
  /** What is compared with the optimum beside these. Default: nothing. */
  readonly further?: readonly System[];
  /** Those of figure 4; the first is the whole model. */
  readonly ablation: readonly System[];
  readonly measure: (generation: Stage) => Stage;
  /** Numbers of the paper that compare with those measured here: the same score, k and judge of fluency. */
  readonly published?: readonly PublishedPoint[];
}

/** A point of the paper's tables. */
export interface PublishedPoint {
  /** The system's name. */
  readonly system: string;
  /** The set of prompts. */
  readonly prompts: string;
  readonly beta: number;
  readonly control: number;
  readonly perplexity: number;
  readonly dist2: number;
  readonly dist3: number;
}

/** An experiment's models, data and sizes, from the small world's to the paper's. */
export interface Profile {
  readonly name: "world" | "real" | "pretrained" | "paper";
  /** What it is, in a sentence for the report. */
  readonly description: string;
  /** What is otherwise than usual, a sentence each, told before the run and in the report. Default: nothing. */
  readonly notes?: readonly string[];
  /** Seeds of training and sampling. */
  readonly seeds: readonly number[];
  readonly topK: number;
  readonly samples: number;
  readonly maxNewTokens: number;
  /** Prompts that are continued in one go: what shards have whole ones of. Default 200. */
  readonly part?: number;
  /** Seconds that generating with one system at one strength takes on 2 cores, roughly. */
  readonly secondsPerPoint: number;
  /**
   * The task whose systems are compared with the optimum, and how many unguided texts a prompt that is estimated from. Default: none
   * is.
   */
  readonly optimum?: { readonly task: TaskName; readonly samples: number };
  /** What the efficiency experiment measures. Default: the scale of the profile's name, in a minute. */
  readonly efficiency?: {
    readonly scale: keyof typeof efficiencyScales;
    readonly seconds: number;
    readonly options: EfficiencyStageOptions;
  };
  /** Seconds that rating the whole vocabulary takes with one model on 2 cores, roughly. Default: 10. */
  readonly secondsPerRewardMatrix?: number;
  /**
   * After how many prefixes the whole vocabulary is rated, and whether the teacher does so as well, which reads every token.
   * Default: 200, and it does.
   */
  readonly ratedVocabulary?: { readonly prefixes: number; readonly byTeacher: boolean };
  readonly tasks: Readonly<Record<TaskName, Task>>;
}
