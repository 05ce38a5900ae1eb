import type { OptionsOf, OptionTable } from "../options/option.ts";

/** Settings of AdamW; the defaults are the paper's (appendix A). */
export const adamWOptions = {
  betas: {
    type: "list",
    of: { type: "number", min: 0, below: 1 },
    length: 2,
    default: [0.9, 0.95],
    help: "decay rates of AdamW's two moments",
  },
  epsilon: {
    type: "number",
    above: 0,
    default: 1e-12,
    help: "added to the root of AdamW's second moment",
  },
  weightDecay: { type: "number", min: 0, default: 0.02, help: "decoupled weight decay λ" },
  decayAll: {
    type: "boolean",
    default: true,
    help: "the weight decay of biases and norms, which torch.optim.AdamW has",
  },
  maxGradNorm: {
    type: "number",
    min: 0,
    default: 0,
    help: "global norm that gradients are scaled down to, 0 for none",
    former: ["clip"],
  },
} as const satisfies OptionTable;

export type AdamWOptions = OptionsOf<typeof adamWOptions>;
