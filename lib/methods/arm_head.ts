import { multiply } from "../graph/dim.ts";
import { add, gemm, matmul, mul, reduceSum, reshape, unsqueeze } from "../graph/ops/mod.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Parameters, ParameterShapes } from "../models/parameters.ts";
import type { OptionsOf, OptionTable } from "../options/option.ts";
import { settle } from "../options/settle.ts";
import type { HeadSizes, RewardHead } from "./reward_head.ts";

type Float = Tensor<"float32">;

/** An ARM head: one (w, W) a label over hidden states of width d. */
export interface ArmHead {
  readonly labels: number;
  readonly width: number;
  /** Whether there is a baseline ⟨h, w⟩ of the prefix; the paper's ablation leaves it out. */
  readonly baseline: boolean;
}

const projectionName = "head.lm_projection.weight";
const baselineName = "head.prefix_baseline.weight";

/** The head's parameters, named as in the authors' code: rows o·d … (o+1)·d−1 are W of label o. */
export function armHeadShapes({ labels, width, baseline }: ArmHead): ParameterShapes {
  return new Map([
    [projectionName, [labels * width, width]],
    ...(baseline ? [[baselineName, [labels, width]] as const] : []),
  ]);
}

/** W h for every label: hidden states `[rows, d]` → `[rows, labels, d]`. */
export function project(head: ArmHead, parameters: Parameters, hidden: Float): Float {
  const { labels, width } = head;
  const weight = parameters(projectionName, [labels * width, width]);
  return reshape(gemm(hidden, weight, { transposeB: true }), [hidden.shape[0], labels, width]);
}

/** The baseline ⟨h, w⟩ of the prefix, `[rows, d]` → `[rows, labels]`. */
export function prefixBaseline(head: ArmHead, parameters: Parameters, hidden: Float): Float {
  return gemm(hidden, parameters(baselineName, [head.labels, head.width]), { transposeB: true });
}

/** The marginal ⟨W h, e⟩ of one token a row: `[rows, labels, d]`, embeddings `[rows, d]` → `[rows, labels]`. */
export function marginalOf(projected: Float, embeddings: Float): Float {
  return reduceSum(mul(projected, unsqueeze(embeddings, [1])), [2]);
}

/**
 * The reward of one token a row, equation (2): r̂ = ⟨h, w⟩ + ⟨W h, e⟩, `[rows, labels]`.
 *
 * @param embeddings rows of the tied embedding for the rated tokens, `[rows, d]`.
 */
export function armReward(
  head: ArmHead,
  parameters: Parameters,
  hidden: Float,
  embeddings: Float,
): Float {
  const marginal = marginalOf(project(head, parameters, hidden), embeddings);
  return head.baseline ? add(prefixBaseline(head, parameters, hidden), marginal) : marginal;
}

/** The rewards of k candidates a row, equation (2): embeddings `[rows, k, d]` → `[rows, labels, k]`. */
export function armCandidateRewards(
  head: ArmHead,
  parameters: Parameters,
  hidden: Float,
  embeddings: Float,
): Float {
  const marginal = matmul(project(head, parameters, hidden), embeddings, { transposeB: true });
  return head.baseline
    ? add(unsqueeze(prefixBaseline(head, parameters, hidden), [2]), marginal)
    : marginal;
}

/** The rewards of all tokens, equation (2): embeddings `[vocab, d]` → `[rows, labels, vocab]`. */
export function armVocabularyRewards(
  head: ArmHead,
  parameters: Parameters,
  hidden: Float,
  embeddings: Float,
): Float {
  const [rows] = hidden.shape;
  const projected = reshape(project(head, parameters, hidden), [
    multiply(rows, head.labels),
    head.width,
  ]);
  const marginal = reshape(gemm(projected, embeddings, { transposeB: true }), [
    rows,
    head.labels,
    embeddings.shape[0],
  ]);
  return head.baseline
    ? add(unsqueeze(prefixBaseline(head, parameters, hidden), [2]), marginal)
    : marginal;
}

/** The options of {@linkcode armHead}. */
export const armHeadOptions = {
  baseline: { type: "boolean", default: true, help: "the baseline ⟨h, w⟩ of the prefix" },
} as const satisfies OptionTable;

/** The options of {@linkcode armHead}. */
export type ArmHeadOptions = OptionsOf<typeof armHeadOptions>;

/**
 * The head of an ARM, equation (2): r̂ = ⟨h, w⟩ + ⟨W h, e⟩, with one (w, W) a label. Its marginals are ⟨W h, e⟩.
 *
 * @throws {TypeError} for an unknown option.
 */
export function armHead(sizes: HeadSizes, options: ArmHeadOptions = {}): RewardHead {
  const head: ArmHead = { ...sizes, ...settle("armHead", armHeadOptions, options) };
  return {
    shapes: armHeadShapes(head),
    rewards: (parameters, hidden, embeddings) =>
      armCandidateRewards(head, parameters, hidden, embeddings),
    marginals: (parameters, hidden, embeddings) =>
      matmul(project(head, parameters, hidden), embeddings, { transposeB: true }),
  };
}
