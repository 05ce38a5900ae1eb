import { openCandidateReader } from "./candidate_reading.ts";
import type { Method } from "./method.ts";
import { prefixHead, type RadHead, radPairObjective, radReward } from "./rad.ts";
import type { Head } from "./reward_head.ts";

/**
 * ARGS (Khanov, Burapacheep, Li, 2024): a reward model of whole texts rates the text with each candidate behind it, and w
 * times that (here β) is added to the candidate's log-probability. Temperature 0 is ARGS-greedy, drawing from the sum ARGS-stochastic.
 */
export const args: Method<Record<never, never>, Record<never, never>, Head & RadHead> = {
  kind: "args",
  title: "Reward of whole texts on prefixes (ARGS)",
  name: "ARGS",
  formula: "z + β (⟨h(x, i), u⟩ + b), a reward of whole texts, from pairs",
  source: "Khanov, Burapacheep, Li: ARGS: Alignment as Reward-Guided Search, 2024",
  rule: "difference",
  textRating: "logOdds",
  learnsFrom: "pairs",
  backboneCalls: (k) => k,
  backbone: "hiddenStates",
  head: prefixHead,
  objective: (backbone, head) => radPairObjective(backbone, head, { compares: "texts" }),
  open: (model, parameters, device, options) =>
    openCandidateReader(model, radReward, parameters, device, options),
};
