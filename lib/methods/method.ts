import type { Backbone } from "../models/backbone.ts";
import type { Kind } from "../options/option.ts";
import type { HeadSizes, RewardHead } from "./reward_head.ts";
import type { RuleName } from "./rules.ts";
import type { Objective } from "../train/objective.ts";
import type { TeacherRewards } from "./next_token_objective.ts";

/** What a method's training is told. */
export interface MethodTraining {
  /** Labels that are learnt. */
  readonly labels: number;
  /** A teacher's rewards of all places, where the model is distilled from one. */
  readonly teacher?: TeacherRewards;
}

/** A method that steers: a head on a backbone that rates next tokens, what it is trained to do, and what its scores mean. */
export interface Method {
  /** What config.json calls it, such as `"low-rank-arm"`. */
  readonly kind: string;
  /** What people call it. */
  readonly title: string;
  /** What a score adds to a logit. */
  readonly rule: RuleName;
  /** Its head. */
  head(sizes: HeadSizes): RewardHead;
  /** What it is trained to do; {@linkcode rewardObjective} makes the usual one with any loss. */
  objective(backbone: Backbone, head: RewardHead, training: MethodTraining): Objective;
}

/** A method as an argument, for `checkArgument`. */
export const methodKind = {
  type: "value",
  is: (value: unknown): value is Method =>
    typeof value === "object" && value !== null && "kind" in value && "objective" in value,
  what: "a method: { kind, title, rule, head, objective }",
} as const satisfies Kind;
