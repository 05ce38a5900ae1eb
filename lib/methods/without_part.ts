import type { RewardModel } from "./reward_model.ts";

/** Why a reward model is no part of one graph with the base model, as what follows "A model of kind …". */
export function withoutPart(
  { byText, movesBase }: Pick<RewardModel, "byText" | "movesBase">,
): string {
  if (byText) return "with another tokenizer than the base model's reads candidates as text";
  return movesBase ? "moves the base model's own keys and values" : "reads every candidate";
}
