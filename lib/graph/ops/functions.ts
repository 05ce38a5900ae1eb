/**
 * The functions that graphs are built with, from symbolic tensors to symbolic tensors. Shapes are checked at once; all
 * but a few, which say so, have gradients.
 *
 * @module
 */

export { add, div, mul, type Operand, square, sub } from "./arithmetic.ts";
export { cast } from "./cast.ts";
export { concat, slice, split } from "./concat.ts";
export { cumSum, type CumSumOptions } from "./cum_sum.ts";
export { gather, scatterLast } from "./gather.ts";
export { layerNormalization } from "./layer_normalization.ts";
export { identity, loop, type Turn } from "./loop.ts";
export { quantizedMatmul, type QuantizedMatrix } from "./mat_mul_n_bits.ts";
export { gemm, matmul, type MatMulOptions } from "./matmul.ts";
export { reduceMean } from "./reduce_mean.ts";
export { expand, reduceSum, reduceSumSquare, sumAll, unsqueeze } from "./reduce_sum.ts";
export { asRows, reshape } from "./reshape.ts";
export { rmsNormalization } from "./rms_normalization.ts";
export { argMax, clip, gatherLast, maxLast, topK } from "./select.ts";
export { softmax } from "./softmax.ts";
export { transpose } from "./transpose.ts";
export {
  cos,
  erf,
  exp,
  gelu,
  geluTanh,
  log,
  relu,
  sigmoid,
  silu,
  sin,
  sqrt,
  tanh,
} from "./unary.ts";
export { greaterOrEqual, where } from "./where.ts";
