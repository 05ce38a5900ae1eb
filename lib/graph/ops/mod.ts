import type { Op } from "../tensor.ts";
import { Add, Div, Mul, Sub } from "./arithmetic.ts";
import { Cast } from "./cast.ts";
import { Concat, Slice, Split } from "./concat.ts";
import { CumSum } from "./cum_sum.ts";
import { Gather, ScatterElements } from "./gather.ts";
import { LayerNormalization } from "./layer_normalization.ts";
import { Identity, Loop } from "./loop.ts";
import { MatMulNBits } from "./mat_mul_n_bits.ts";
import { FusedMatMul, Gemm, MatMul } from "./matmul.ts";
import { ReduceMean } from "./reduce_mean.ts";
import { Expand, ReduceSum, ReduceSumSquare, Unsqueeze } from "./reduce_sum.ts";
import { Reshape } from "./reshape.ts";
import { SimplifiedLayerNormalization } from "./rms_normalization.ts";
import { Abs, Round } from "./round.ts";
import { ArgMax, Clip, GatherElements, ReduceMax, TopK } from "./select.ts";
import { Softmax } from "./softmax.ts";
import { Transpose } from "./transpose.ts";
import { Cos, Erf, Exp, Gelu, Log, Relu, Sigmoid, Sin, Sqrt, Tanh } from "./unary.ts";
import { GreaterOrEqual, Where } from "./where.ts";

/** Every op, by its ONNX name. The gradient check runs over this list. */
export const ops = {
  Abs,
  Add,
  ArgMax,
  Cast,
  Clip,
  Concat,
  Cos,
  CumSum,
  Div,
  Erf,
  Exp,
  Expand,
  FusedMatMul,
  Gather,
  GatherElements,
  Gelu,
  Gemm,
  GreaterOrEqual,
  Identity,
  LayerNormalization,
  Log,
  Loop,
  MatMul,
  MatMulNBits,
  Mul,
  ReduceMax,
  ReduceMean,
  ReduceSum,
  ReduceSumSquare,
  Relu,
  Reshape,
  Round,
  ScatterElements,
  Sigmoid,
  SimplifiedLayerNormalization,
  Sin,
  Slice,
  Softmax,
  Split,
  Sqrt,
  Sub,
  Tanh,
  TopK,
  Transpose,
  Unsqueeze,
  Where,
} as const satisfies Record<string, Op>;

export * from "./arithmetic.ts";
export * from "./cast.ts";
export * from "./concat.ts";
export * from "./cum_sum.ts";
export * from "./gather.ts";
export * from "./layer_normalization.ts";
export * from "./loop.ts";
export * from "./mat_mul_n_bits.ts";
export * from "./matmul.ts";
export * from "./reduce_mean.ts";
export * from "./reduce_sum.ts";
export * from "./reshape.ts";
export * from "./rms_normalization.ts";
export * from "./select.ts";
export * from "./softmax.ts";
export * from "./transpose.ts";
export * from "./unary.ts";
export * from "./where.ts";
