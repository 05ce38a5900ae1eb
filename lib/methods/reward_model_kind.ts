import type { Kind } from "../options/option.ts";
import type { RewardModel } from "./reward_model.ts";

/** A reward model as an argument, for `checkArgument`. */
export const rewardModelKind = {
  type: "value",
  is: (value: unknown): value is RewardModel =>
    typeof value === "object" && value !== null && "start" in value && "rule" in value,
  what: "a reward model, from await openRewardModel()",
} as const satisfies Kind;
