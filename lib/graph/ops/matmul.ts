import { broadcast, type Dim, sameShape, showShape } from "../dim.ts";
import { applyOne, defineOp } from "../op.ts";
import type { FloatType, Op, Tensor } from "../tensor.ts";
import { mul } from "./arithmetic.ts";
import { sumTo } from "./reduce_sum.ts";
import { transpose } from "./transpose.ts";

type Float = Tensor<FloatType>;

/** What is done to the operands and the result of a matrix product. */
export interface MatMulOptions {
  /** Use aᵀ in place of a (its last two axes exchanged). Default false. */
  transposeA?: boolean;
  /** Use bᵀ in place of b (its last two axes exchanged). Default false. */
  transposeB?: boolean;
  /** A factor on the product. Default 1. */
  alpha?: number;
}

/** Rows and columns of a product of the last two axes. @throws {TypeError | RangeError} if element types or inner extents differ. */
function product(op: string, x: Tensor, y: Tensor, transA = 0, transB = 0): Dim[] {
  const [a, b] = [x.shape, y.shape];
  if (x.dtype !== y.dtype) {
    throw new TypeError(
      `${op}: element types ${x.dtype} ${showShape(a)} and ${y.dtype} ${showShape(b)} differ.`,
    );
  }
  if (a.length < 2 || b.length < 2) {
    throw new RangeError(`${op}: needs matrices, got ${showShape(a)} and ${showShape(b)}.`);
  }
  const [rows, inner] = transA ? [a.at(-1)!, a.at(-2)!] : [a.at(-2)!, a.at(-1)!];
  const [innerB, columns] = transB ? [b.at(-1)!, b.at(-2)!] : [b.at(-2)!, b.at(-1)!];
  if (inner !== innerB) {
    throw new RangeError(
      `${op}: inner extents of ${showShape(a)}${transA ? "ᵀ" : ""} and ${showShape(b)}${
        transB ? "ᵀ" : ""
      } differ: ${inner} and ${innerB}.`,
    );
  }
  return [rows, columns];
}

type Product = (a: Float, b: Float, options: MatMulOptions) => Float;

/** With Y = α op(A) op(B): dop(A) = α dY op(B)ᵀ and dop(B) = α op(A)ᵀ dY, transposed where the operand is. */
function productGradients(
  a: Float,
  b: Float,
  dy: Float,
  { transA = 0, transB = 0, alpha = 1 }: { transA?: number; transB?: number; alpha?: number },
  wanted: readonly boolean[],
  multiplyMatrices: Product,
): (Float | undefined)[] {
  const da = () =>
    transA
      ? multiplyMatrices(b, dy, { transposeA: transB === 1, transposeB: true, alpha })
      : multiplyMatrices(dy, b, { transposeB: transB === 0, alpha });
  const db = () =>
    transB
      ? multiplyMatrices(dy, a, { transposeA: true, transposeB: transA === 1, alpha })
      : multiplyMatrices(a, dy, { transposeA: transA === 0, alpha });
  return [
    wanted[0] ? sumTo(da(), a.shape) : undefined,
    wanted[1] ? sumTo(db(), b.shape) : undefined,
  ];
}

export const Gemm = defineOp({
  name: "Gemm",
  attributes: { transA: "int", transB: "int", alpha: "float" },
  infer: ([a, b, bias], { transA, transB }) => {
    if (a!.shape.length !== 2 || b!.shape.length !== 2) {
      throw new RangeError(
        `Gemm: needs two axes each, got ${showShape(a!.shape)} and ${showShape(b!.shape)}.`,
      );
    }
    const shape = product("Gemm", a!, b!, transA, transB);
    if (bias && !sameShape(broadcast("Gemm", shape, bias.shape), shape)) {
      throw new RangeError(
        `Gemm: a bias of ${showShape(bias.shape)} does not fit a product of ${showShape(shape)}.`,
      );
    }
    return [{ dtype: a!.dtype, shape }];
  },
  gradient: ({ inputs: [a, b, bias], attributes }, [dy], wanted) => [
    ...productGradients(a as Float, b as Float, dy as Float, attributes, wanted, gemm),
    bias && wanted[2] ? sumTo(dy as Float, bias.shape) : undefined,
  ],
});

export const FusedMatMul: Op = defineOp({
  name: "FusedMatMul",
  domain: "com.microsoft",
  attributes: { transA: "int", transB: "int", alpha: "float" },
  infer: ([a, b], { transA, transB }) => {
    const matrix = product("FusedMatMul", a!, b!, transA, transB);
    const batch = broadcast("FusedMatMul", a!.shape.slice(0, -2), b!.shape.slice(0, -2));
    return [{ dtype: a!.dtype, shape: [...batch, ...matrix] }];
  },
  gradient: ({ inputs: [a, b], attributes }, [dy], wanted) =>
    productGradients(a as Float, b as Float, dy as Float, attributes, wanted, matmul),
  // the WebGPU provider has no FusedMatMul
  portable: ({ inputs, attributes: { transA, transB, alpha = 1 } }) => {
    const [a, b] = inputs as Float[];
    const scaled = alpha === 1 ? a : mul(a, alpha);
    return applyOne(MatMul, [transA ? transposed(scaled) : scaled, transB ? transposed(b) : b]);
  },
});

/** Only in portable models, which are written after gradients were taken. */
export const MatMul: Op = defineOp({
  name: "MatMul",
  attributes: {},
  infer: FusedMatMul.infer,
  gradient: "none",
});

/** x with its last two axes exchanged. */
function transposed(x: Float): Float {
  const axes = x.shape.map((_, axis) => axis);
  return transpose(x, [...axes.slice(0, -2), ...axes.slice(-2).reverse()]);
}

const flags = ({ transposeA = false, transposeB = false, alpha = 1 }: MatMulOptions) => ({
  transA: transposeA ? 1 : 0,
  transB: transposeB ? 1 : 0,
  alpha,
});

/**
 * α a b (+ bias, broadcast over rows) of two matrices: `[m, n]·[n, p]` → `[m, p]`.
 *
 * @throws {RangeError} if the extents do not fit.
 */
export function gemm<D extends FloatType>(
  a: Tensor<D>,
  b: Tensor<D>,
  { bias, ...options }: MatMulOptions & { bias?: Tensor<D> } = {},
): Tensor<D> {
  return applyOne(Gemm, bias ? [a, b, bias] : [a, b], flags(options));
}

/**
 * α a b over the last two axes, the others broadcast: `[…, m, n]·[…, n, p]` → `[…, m, p]`.
 *
 * @throws {RangeError} if the extents do not fit.
 */
export function matmul<D extends FloatType>(
  a: Tensor<D>,
  b: Tensor<D>,
  options: MatMulOptions = {},
): Tensor<D> {
  return applyOne(FusedMatMul, [a, b], flags(options));
}
