import { broadcast } from "../dim.ts";
import { applyOne, defineOp } from "../op.ts";
import { type FloatType, requireTensor, scalar, type Tensor } from "../tensor.ts";
import { elementwise, type Operand } from "./arithmetic.ts";
import { sumTo } from "./reduce_sum.ts";

type Float = Tensor<FloatType>;

export const GreaterOrEqual = defineOp({
  name: "GreaterOrEqual",
  attributes: {},
  infer: (inputs) => [{ dtype: "bool", shape: elementwise("GreaterOrEqual")(inputs)[0].shape }],
  gradient: "none",
});

export const Where = defineOp({
  name: "Where",
  attributes: {},
  infer: ([condition, a, b]) => {
    const [{ dtype, shape }] = elementwise("Where")([a, b]);
    return [{ dtype, shape: broadcast("Where", condition!.shape, shape) }];
  },
  // the gradient goes where the value came from
  gradient: ({ inputs: [condition, a, b] }, [dy], wanted) => {
    const when = condition as Tensor<"bool">;
    return [
      undefined,
      wanted[1] ? sumTo(where(when, dy as Float, 0), a!.shape) : undefined,
      wanted[2] ? sumTo(where(when, 0, dy as Float), b!.shape) : undefined,
    ];
  },
});

/** a ≥ b elementwise, broadcast. @throws {TypeError | RangeError} if element types or shapes do not fit. */
export function greaterOrEqual<D extends FloatType | "int64">(
  a: Tensor<D>,
  b: Tensor<D>,
): Tensor<"bool"> {
  return applyOne(GreaterOrEqual, [a, b]);
}

/** a where `condition` holds, b elsewhere; all broadcast. @throws {TypeError | RangeError} if they do not fit. */
export function where<D extends FloatType>(
  condition: Tensor<"bool">,
  a: Operand<D>,
  b: Operand<D>,
): Tensor<D> {
  for (const x of [a, b]) if (typeof x !== "number") requireTensor("where", x);
  const dtype = typeof a === "number" ? (b as Tensor<D>).dtype : a.dtype;
  const operand = (x: Operand<D>) => typeof x === "number" ? scalar(dtype, x) : x;
  return applyOne(Where, [condition, operand(a), operand(b)]);
}
