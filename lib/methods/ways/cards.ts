import type { Way } from "./way.ts";

/** Cascade reward sampling (Li et al., 2024): segments of a text are drawn until one is accepted. */
export const cards: Way = {
  kind: "cards",
  title: "Cascade reward sampling (CARDS)",
  name: "CARDS",
  formula:
    "segments of the base model's, each accepted with probability min(1, exp(β (r − τ))) of the text so far",
  source:
    "Li, Wang, Lochab, Grama, Zhang: Cascade Reward Sampling for Efficient Decoding-Time Alignment, 2024",
  learnsFrom: "nothing of its own",
  callsAStep: "tries − 1, and a whole text a try",
  command: "deno task generate --method cards",
};
