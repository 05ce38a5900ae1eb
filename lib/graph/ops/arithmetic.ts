import { broadcast, showShape } from "../dim.ts";
import { applyOne, defineOp } from "../op.ts";
import { type FloatType, requireTensor, scalar, type Tensor, type TensorType } from "../tensor.ts";
import { sumTo } from "./reduce_sum.ts";

type Float = Tensor<FloatType>;

/** A float tensor, or a number that takes the other operand's element type. */
export type Operand<D extends FloatType> = Tensor<D> | number;

/** The shape rule that all elementwise ops of two operands share. */
export function elementwise(op: string) {
  return ([a, b]: readonly (Tensor | undefined)[]): TensorType[] => {
    if (a!.dtype !== b!.dtype) {
      throw new TypeError(
        `${op}: element types ${a!.dtype} ${showShape(a!.shape)} and ${b!.dtype} ${
          showShape(b!.shape)
        } differ.`,
      );
    }
    return [{ dtype: a!.dtype, shape: broadcast(op, a!.shape, b!.shape) }];
  };
}

/** Brings the gradients of the two operands, where wanted, back to the operands' shapes. */
function toOperands(
  [a, b]: readonly (Tensor | undefined)[],
  wanted: readonly boolean[],
  da: () => Float,
  db: () => Float,
): (Float | undefined)[] {
  return [
    wanted[0] ? sumTo(da(), a!.shape) : undefined,
    wanted[1] ? sumTo(db(), b!.shape) : undefined,
  ];
}

export const Add = defineOp({
  name: "Add",
  attributes: {},
  infer: elementwise("Add"),
  // d(a + b) = da + db
  gradient: ({ inputs }, [dy], wanted) =>
    toOperands(inputs, wanted, () => dy as Float, () => dy as Float),
});

export const Sub = defineOp({
  name: "Sub",
  attributes: {},
  infer: elementwise("Sub"),
  // d(a − b) = da − db
  gradient: ({ inputs }, [dy], wanted) =>
    toOperands(inputs, wanted, () => dy as Float, () => mul(dy as Float, -1)),
});

export const Mul = defineOp({
  name: "Mul",
  attributes: {},
  infer: elementwise("Mul"),
  // d(a · b) = b da + a db
  gradient: ({ inputs }, [dy], wanted) => {
    const [a, b] = inputs as Float[];
    return toOperands(inputs, wanted, () => mul(dy as Float, b), () => mul(dy as Float, a));
  },
});

export const Div = defineOp({
  name: "Div",
  attributes: {},
  infer: elementwise("Div"),
  // d(a / b) = da / b − (a / b) db / b
  gradient: ({ inputs, outputs: [y] }, [dy], wanted) => {
    const b = inputs[1] as Float;
    return toOperands(
      inputs,
      wanted,
      () => div(dy as Float, b),
      () => mul(div(mul(dy as Float, y as Float), b), -1),
    );
  },
});

function operands<D extends FloatType>(a: Operand<D>, b: Operand<D>): Tensor<D>[] {
  for (const x of [a, b]) if (typeof x !== "number") requireTensor("An elementwise op", x);
  if (typeof a === "number") {
    if (typeof b === "number") {
      throw new TypeError("An elementwise op needs a tensor: got numbers.");
    }
    return [scalar(b.dtype, a), b];
  }
  return [a, typeof b === "number" ? scalar(a.dtype, b) : b];
}

/** a + b, broadcast. @throws {TypeError | RangeError} if element types or shapes do not fit. */
export function add<D extends FloatType>(a: Operand<D>, b: Operand<D>): Tensor<D> {
  return applyOne(Add, operands(a, b));
}

/** a − b, broadcast. @throws {TypeError | RangeError} if element types or shapes do not fit. */
export function sub<D extends FloatType>(a: Operand<D>, b: Operand<D>): Tensor<D> {
  return applyOne(Sub, operands(a, b));
}

/** a · b elementwise, broadcast. @throws {TypeError | RangeError} if element types or shapes do not fit. */
export function mul<D extends FloatType>(a: Operand<D>, b: Operand<D>): Tensor<D> {
  return applyOne(Mul, operands(a, b));
}

/** a / b elementwise, broadcast. @throws {TypeError | RangeError} if element types or shapes do not fit. */
export function div<D extends FloatType>(a: Operand<D>, b: Operand<D>): Tensor<D> {
  return applyOne(Div, operands(a, b));
}

/** x · x elementwise. */
export function square<D extends FloatType>(x: Tensor<D>): Tensor<D> {
  return mul(x, x);
}
