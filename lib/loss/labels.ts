import { mul, reduceSum } from "../graph/ops/mod.ts";
import { requireTensor, type Tensor } from "../graph/tensor.ts";

/**
 * How several labels become one number: their mean, as if each label's equation were solved by itself, or
 * their sum, as the authors' code has it in the cumulative loss.
 */
export type LabelReduction = "mean" | "sum";

/** Reduces `[…, labels]` to `[…]`. */
export function overLabels(errors: Tensor<"float32">, how: LabelReduction): Tensor<"float32"> {
  requireTensor("overLabels", errors);
  const sum = reduceSum(errors, [errors.shape.length - 1]);
  return how === "sum" ? sum : mul(sum, 1 / Number(errors.shape.at(-1)));
}
