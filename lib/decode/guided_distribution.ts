import { add, softmax } from "../graph/ops/mod.ts";
import { constant, requireTensor, type Tensor } from "../graph/tensor.ts";
import type { OptionsOf, OptionTable } from "../options/option.ts";
import { settle } from "../options/settle.ts";
import { addedBy } from "../methods/rules.ts";
import { defaultBeta } from "./guidance.ts";

type Float = Tensor<"float32">;

/** The options of {@linkcode guidedLogits} and {@linkcode guidedDistribution}. */
export const guidedDistributionOptions = {
  beta: {
    type: "either",
    of: [{ type: "number" }, { type: "list", of: { type: "number" }, empty: false }],
    default: defaultBeta,
    help: "how strongly the scores steer: one number, or one for each label",
  },
  inverse: { type: "boolean", default: false, help: "steer away: 1 − r in place of r" },
  rule: {
    type: "choice",
    of: ["reward", "logProbability", "difference", "cap"],
    default: "reward",
    help: "what a score adds to a logit",
  },
} as const satisfies OptionTable;

/** The options of {@linkcode guidedLogits} and {@linkcode guidedDistribution}. */
export type GuidedDistributionOptions = OptionsOf<typeof guidedDistributionOptions>;

/**
 * Logits with what the scores add, before the softmax of equation (1): z + Σ β clamp(r, 0, 1) over the labels, or what
 * another rule adds.
 *
 * @param logits of the candidates, `[rows, k]`.
 * @param scores of them, `[rows, labels, k]`.
 * @throws {TypeError | RangeError} for an option that is unknown, of a wrong type or out of range, or if there are not as many
 *   strengths as labels.
 */
export function guidedLogits(
  logits: Float,
  scores: Float,
  options: GuidedDistributionOptions = {},
): Float {
  return guidedBy("guidedLogits", logits, scores, options);
}

function guidedBy(
  caller: string,
  logits: Float,
  scores: Float,
  options: GuidedDistributionOptions,
): Float {
  const { beta, inverse, rule } = settle(caller, guidedDistributionOptions, options);
  const labels = Number(scores.shape[1]);
  const strengths = typeof beta === "number" ? Array<number>(labels).fill(beta) : beta;
  if (strengths.length !== labels) {
    throw new RangeError(
      `${caller}: there are ${strengths.length} strengths in 'beta' for ${labels} labels; give one for each.`,
    );
  }
  const given = constant("float32", [labels], strengths);
  const none = constant("float32", [labels], strengths.map(() => 0));
  const [towards, away] = inverse ? [none, given] : [given, none];
  const added = addedBy(rule, scores, { towards, away }, logits);
  const guided = add(logits, added.varying);
  return added.constant ? add(guided, added.constant) : guided;
}

/**
 * The guided distribution, equation (1): p = softmax(z + β r) over the candidates, `[rows, k]`. Arguments as of
 * `guidedLogits`.
 *
 * @throws what `guidedLogits` throws.
 */
export function guidedDistribution(
  logits: Float,
  scores: Float,
  options: GuidedDistributionOptions = {},
): Float {
  for (const tensor of [logits, scores]) requireTensor("guidedDistribution", tensor);
  return softmax(guidedBy("guidedDistribution", logits, scores, options));
}
