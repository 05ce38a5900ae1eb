import { axisOf } from "../dim.ts";
import { applyOne, defineOp } from "../op.ts";
import { type FloatType, type Op, requireTensor, scalar, type Tensor } from "../tensor.ts";

/** How sums run. */
export interface CumSumOptions {
  /** Leave each value out of its own sum, so that the first sum is 0. Default false. */
  exclusive?: boolean;
  /** Sum from the end. Default false. */
  reverse?: boolean;
}

export const CumSum: Op = defineOp({
  name: "CumSum",
  attributes: { exclusive: "int", reverse: "int" },
  infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
  // each value is in the sums from its own place on, so the gradient sums from the other end
  gradient: ({ inputs: [, axis], attributes: { exclusive, reverse } }, [dy]) => [
    applyOne(CumSum, [dy, axis], { exclusive, reverse: 1 - reverse! }),
  ],
});

/** The sums of `x` up to each place along `axis` (default: the last). @throws {RangeError} if there is no such axis. */
export function cumSum<D extends FloatType>(
  x: Tensor<D>,
  axis = -1,
  { exclusive = false, reverse = false }: CumSumOptions = {},
): Tensor<D> {
  requireTensor("cumSum", x);
  return applyOne(CumSum, [x, scalar("int64", axisOf("CumSum", axis, x.shape))], {
    exclusive: exclusive ? 1 : 0,
    reverse: reverse ? 1 : 0,
  });
}
