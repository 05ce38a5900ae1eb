import {
  axisOf,
  broadcast,
  type Dim,
  factorsOf,
  multiply,
  sameShape,
  type Shape,
  showShape,
} from "../dim.ts";
import { applyOne, defineOp } from "../op.ts";
import { constant, extents, type FloatType, requireTensor, type Tensor } from "../tensor.ts";
import { reshape } from "./reshape.ts";

/** Where a reduction leaves its axes: as extents of 1, or gone. */
function reduced(op: string, x: Tensor, axes: readonly number[], keep: boolean): Shape {
  const gone = new Set(axes.map((axis) => axisOf(op, axis, x.shape)));
  return x.shape.flatMap((dim, axis): Dim[] => gone.has(axis) ? (keep ? [1] : []) : [dim]);
}

/** The axes that a reduction was given as its constant second input. */
function axesOf(axes: Tensor | undefined): number[] {
  if (axes?.source.kind !== "constant") throw new TypeError("A reduction's axes must be constant.");
  return [...axes.source.data].map(Number);
}

/** dx = dy, repeated along the axes that were summed. */
function repeated(x: Tensor, axes: Tensor | undefined, keep: boolean, dy: Tensor): Tensor {
  const gone = axesOf(axes).map((axis) => axisOf("ReduceSum", axis, x.shape));
  return expand(keep ? dy : unsqueeze(dy, gone), x.shape);
}

const axesConstant = (axes: readonly number[]): Tensor => constant("int64", [axes.length], axes);

export const ReduceSum = defineOp({
  name: "ReduceSum",
  attributes: { keepdims: "int" },
  infer: ([x, axes], { keepdims }) => [{
    dtype: x!.dtype,
    shape: reduced("ReduceSum", x!, axesOf(axes), keepdims === 1),
  }],
  gradient: ({ inputs: [x, axes], attributes: { keepdims } }, [dy]) => [
    repeated(x!, axes, keepdims === 1, dy!),
  ],
});

/** The inverse of dropping axes of extent 1; ReduceSum's gradient needs it, and ReduceSum is its gradient. */
export const Unsqueeze = defineOp({
  name: "Unsqueeze",
  attributes: {},
  infer: ([x, axes]) => {
    const at = new Set(axesOf(axes));
    const rest = [...x!.shape];
    const rank = rest.length + at.size;
    if ([...at].some((axis) => axis < 0 || axis >= rank)) {
      throw new RangeError(
        `Unsqueeze: axes [${[...at]}] do not exist in a result of ${rank} axes from ${
          showShape(rest)
        }.`,
      );
    }
    const shape = Array.from({ length: rank }, (_, axis) => at.has(axis) ? 1 : rest.shift()!);
    return [{ dtype: x!.dtype, shape }];
  },
  gradient: ({ inputs: [, axes] }, [dy]) => [reduceSum(dy as Tensor<FloatType>, axesOf(axes))],
});

export const ReduceSumSquare = defineOp({
  name: "ReduceSumSquare",
  attributes: { keepdims: "int" },
  infer: ([x]) => [{ dtype: x!.dtype, shape: [] }],
  gradient: "none",
});

export const Expand = defineOp({
  name: "Expand",
  attributes: {},
  infer: ([x, shape]) => {
    if (shape?.source.kind !== "extents") throw new TypeError("Expand: the shape must be extents.");
    return [{ dtype: x!.dtype, shape: broadcast("Expand", x!.shape, shape.source.dims) }];
  },
  gradient: ({ inputs: [x] }, [dy]) => [sumTo(dy as Tensor<FloatType>, x!.shape)],
});

/**
 * The sum of `x` over `axes`.
 *
 * @throws {RangeError} if an axis does not exist.
 */
export function reduceSum<D extends FloatType>(
  x: Tensor<D>,
  axes: readonly number[],
  { keep = false }: { keep?: boolean } = {},
): Tensor<D> {
  requireTensor("reduceSum", x);
  if (axes.length === 0) return x;
  return applyOne(ReduceSum, [x, axesConstant(axes)], { keepdims: keep ? 1 : 0 });
}

/** The sum of all elements, shape `[]`. */
export function sumAll<D extends FloatType>(x: Tensor<D>): Tensor<D> {
  requireTensor("sumAll", x);
  return reduceSum(x, x.shape.map((_, axis) => axis));
}

/** The sum of the squares of all elements, shape `[]`. Has no gradient: use it behind `stopGradient`. */
export function reduceSumSquare<D extends FloatType>(x: Tensor<D>): Tensor<D> {
  return applyOne(ReduceSumSquare, [x], { keepdims: 0 });
}

/** `x` with axes of extent 1 put in at the places `axes` of the result. */
export function unsqueeze<T extends Tensor>(x: T, axes: readonly number[]): T {
  requireTensor("unsqueeze", x);
  return applyOne(Unsqueeze, [x, axesConstant(axes)]) as T;
}

/** `x` repeated to `shape`, as broadcasting does. @throws {RangeError} if it does not broadcast to it. */
export function expand<T extends Tensor>(x: T, shape: Shape): T {
  requireTensor("expand", x);
  return sameShape(x.shape, shape) ? x : applyOne(Expand, [x, extents(shape)]) as T;
}

/**
 * Sums a gradient over the axes along which its operand was broadcast, so that it has the operand's shape.
 *
 * @throws {RangeError} if `shape` does not broadcast to `x`'s shape.
 */
export function sumTo<D extends FloatType>(x: Tensor<D>, shape: Shape): Tensor<D> {
  if (sameShape(x.shape, shape)) return x;
  if (!sameShape(broadcast("sumTo", x.shape, shape), x.shape)) {
    throw new RangeError(`sumTo: ${showShape(x.shape)} does not sum to ${showShape(shape)}.`);
  }
  const extra = x.shape.length - shape.length;
  const leading = Array.from({ length: extra }, (_, axis) => axis);
  const stretched = shape.flatMap((dim, axis) =>
    dim === 1 && x.shape[axis + extra] !== 1 ? [axis] : []
  );
  return reduceSum(summedRows(x, leading), stretched, { keep: true });
}

/**
 * The sum over leading axes. Rows that are texts of tokens are summed text by text first: threads, which share the texts, then read
 * what they wrote themselves, which takes a third of the time.
 */
function summedRows<D extends FloatType>(x: Tensor<D>, leading: readonly number[]): Tensor<D> {
  const [rows, ...rest] = x.shape;
  const [texts, ...tokens] = leading.length === 1 ? factorsOf(rows) : [];
  if (tokens.length === 0) return reduceSum(x, leading);
  return reduceSum(reduceSum(reshape(x, [texts, multiply(...tokens), ...rest]), [1]), [0]);
}
