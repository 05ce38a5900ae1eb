import { axisOf, type Dim, minus, plus, showShape } from "../dim.ts";
import { apply, applyOne, defineOp } from "../op.ts";
import {
  constant,
  extents,
  type FloatType,
  requireTensor,
  scalar,
  type Tensor,
} from "../tensor.ts";
import { expand } from "./reduce_sum.ts";

export const Concat = defineOp({
  name: "Concat",
  attributes: { axis: "int" },
  infer: (parts, { axis }) => {
    const [first, ...others] = parts as Tensor[];
    for (const other of others) {
      const fits = other.dtype === first.dtype && other.shape.length === first.shape.length &&
        other.shape.every((dim, i) => i === axis || dim === first.shape[i]);
      if (!fits) {
        throw new RangeError(
          `Concat: ${first.dtype} ${showShape(first.shape)} and ${other.dtype} ${
            showShape(other.shape)
          } differ beside axis ${axis}.`,
        );
      }
    }
    const along = plus(...(parts as Tensor[]).map((part) => part.shape[axis!]));
    return [{ dtype: first.dtype, shape: first.shape.map((dim, i) => i === axis ? along : dim) }];
  },
  // every part gets its own stretch of the gradient
  gradient: ({ inputs, attributes: { axis } }, [dy], wanted) => {
    let start: Dim = 0;
    return (inputs as Tensor[]).map((part, i) => {
      const end = plus(start, part.shape[axis!]);
      const gradient = wanted[i] ? slice(dy!, axis!, start, end) : undefined;
      start = end;
      return gradient;
    });
  },
});

export const Slice = defineOp({
  name: "Slice",
  attributes: {},
  infer: ([x, starts, ends, axes]) => {
    const { axis, start, end } = boundsOf(starts, ends, axes);
    const bounds = [0, start, end, x!.shape[axis]].filter((dim) => typeof dim === "number");
    if (bounds.some((bound, i) => bound < bounds[i - 1])) {
      throw new RangeError(
        `Slice: ${start} … ${end} is not a stretch of axis ${axis} of ${showShape(x!.shape)}.`,
      );
    }
    return [{
      dtype: x!.dtype,
      shape: x!.shape.map((dim, i) => i === axis ? minus(end, start) : dim),
    }];
  },
  // zeros before and after
  gradient: ({ inputs: [x, starts, ends, axes] }, [dy]) => {
    const { axis, start, end } = boundsOf(starts, ends, axes);
    const zeros = (extent: Dim): Tensor[] =>
      extent === 0 ? [] : [expand(
        scalar(dy!.dtype as FloatType, 0),
        x!.shape.map((dim, i) => i === axis ? extent : dim),
      )];
    return [
      concat([...zeros(start), dy!, ...zeros(minus(x!.shape[axis], end))], axis),
    ];
  },
});

function boundsOf(starts?: Tensor, ends?: Tensor, axes?: Tensor) {
  if (
    starts?.source.kind !== "extents" || ends?.source.kind !== "extents" ||
    axes?.source.kind !== "constant"
  ) {
    throw new TypeError("Slice: bounds must be extents, and the axis constant.");
  }
  return {
    axis: Number(axes.source.data[0]),
    start: starts.source.dims[0],
    end: ends.source.dims[0],
  };
}

export const Split = defineOp({
  name: "Split",
  attributes: { axis: "int", num_outputs: "int" },
  infer: ([x], { axis, num_outputs }) => {
    const whole = x!.shape[axis!];
    if (typeof whole !== "number" || whole % num_outputs! !== 0) {
      throw new RangeError(
        `Split: axis ${axis} of ${showShape(x!.shape)} does not split into ${num_outputs} parts.`,
      );
    }
    const shape = x!.shape.map((dim, i) => i === axis ? whole / num_outputs! : dim);
    return Array.from({ length: num_outputs! }, () => ({ dtype: x!.dtype, shape }));
  },
  gradient: ({ outputs, attributes: { axis } }, gradients) => [
    concat(
      outputs.map((part, i) => gradients[i] ?? expand(scalar(part.dtype, 0), part.shape)),
      axis!,
    ),
  ],
});

/** The tensors laid end to end along `axis`. @throws {RangeError} if other extents or element types differ. */
export function concat<T extends Tensor>(parts: readonly T[], axis: number): T {
  for (const part of parts ?? [undefined]) requireTensor("concat", part);
  if (parts.length === 1) return parts[0];
  return applyOne(Concat, parts, { axis: axisOf("Concat", axis, parts[0].shape) }) as T;
}

/** The stretch `start` … `end` − 1 of `x` along `axis`; both bounds may be symbolic. @throws {RangeError} if there is no such axis. */
export function slice<T extends Tensor>(x: T, axis: number, start: Dim, end: Dim): T {
  requireTensor("slice", x);
  const along = axisOf("Slice", axis, x.shape);
  if (start === 0 && end === x.shape[along]) return x;
  return applyOne(Slice, [
    x,
    extents([start]),
    extents([end]),
    constant("int64", [1], [along]),
  ]) as T;
}

/** `x` cut into `parts` equal parts along `axis`. @throws {RangeError} if its extent is not a multiple. */
export function split<T extends Tensor>(x: T, axis: number, parts: number): readonly T[] {
  requireTensor("split", x);
  const along = axisOf("Split", axis, x.shape);
  return apply(Split, [x], { axis: along, num_outputs: parts }) as readonly T[];
}
