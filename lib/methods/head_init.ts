import type { OptionTable } from "../options/option.ts";

/** The width from which on a base counts as wide. */
const wide = 256;

/** The setting of how the head of a new model begins. */
export const headInitSetting = {
  headInit: {
    type: "choice",
    of: ["zeros", "normal"],
    defaultHelp:
      `zeros on a base of width ${wide} or more, normal on others and with \`published\``,
    help:
      "how the head of a new ARM begins: zeros, or normal, N(0, 0.02²), as in the authors' code, whose rewards are far from any " +
      "label on states as large as those of most pretrained models",
  },
} as const satisfies OptionTable;

/**
 * How a head begins on a base of some width. From N(0, 0.02²) rewards have the size 0.02 ‖h‖ ‖e‖, which is 2.9 on a
 * pretrained one of 135 million parameters: too far from labels in [0, 1] for the small rates of wide models (`defaultRate`).
 * After 30 steps the squared error on other texts is 0.42 from there, and 0.17 from zeros (docs/guides/train.md).
 */
export function defaultHeadInit(width: number): "zeros" | "normal" {
  return width < wide ? "normal" : "zeros";
}
