import { sameShape, type Shape, showShape } from "../dim.ts";
import { applyOne, defineOp } from "../op.ts";
import type { DType, Tensor } from "../tensor.ts";

/** A matrix `[inner, columns]` of few bits, each column cut into blocks that have a step of their own. */
export interface QuantizedMatrix {
  /** Whole numbers q, `[columns, blocks, block · bits / 8]`; of 4 bits, two a byte, the lower half first. */
  readonly packed: Tensor<"uint8">;
  /** Steps s, `[columns, blocks]` with blocks = ⌈inner / block⌉. A q stands for s (q − 2^(bits − 1)). */
  readonly scales: Tensor<"float32">;
  readonly bits: 8 | 4;
  /** Numbers of a block. */
  readonly block: number;
}

/** ONNX Runtime has it on all its devices, so it needs no portable form. */
export const MatMulNBits = defineOp({
  name: "MatMulNBits",
  domain: "com.microsoft",
  attributes: { K: "int", N: "int", bits: "int", block_size: "int", accuracy_level: "int" },
  infer: ([x, packed, scales, _zeroPoints, _groups, bias], attributes) => {
    const { K: inner = 0, N: columns = 0, bits = 0, block_size: block = 1 } = attributes;
    const blocks = Math.ceil(inner / block);
    const check = (what: string, { dtype, shape }: Tensor, as: DType, to: Shape) => {
      if (dtype === as && sameShape(shape, to)) return;
      throw new RangeError(
        `MatMulNBits: ${what} must be ${as} ${showShape(to)}, got ${dtype} ${showShape(shape)}.`,
      );
    };
    check("the left operand", x!, "float32", [x!.shape[0], inner]);
    check("the packed numbers", packed!, "uint8", [columns, blocks, block * bits / 8]);
    check("the scales", scales!, "float32", [columns, blocks]);
    if (bias) check("the bias", bias, "float32", [columns]);
    return [{ dtype: "float32", shape: [x!.shape[0], columns] }];
  },
  gradient: "none",
});

/**
 * What the CPU computes with: 4 is int8, to which it quantizes a block of the left operand at a time, so that a row
 * does not depend on the others. Levels below it make the weights float32 again at every run, and are slower than
 * weights in float32 by far.
 */
const int8 = 4;

/**
 * x W + bias with a matrix W of few bits: `[rows, inner]·[inner, columns]` → `[rows, columns]`.
 *
 * @throws {RangeError} if shapes or element types do not fit.
 */
export function quantizedMatmul(
  x: Tensor<"float32">,
  { packed, scales, bits, block }: QuantizedMatrix,
  bias?: Tensor<"float32">,
): Tensor<"float32"> {
  const inputs = [x, packed, scales, ...(bias ? [undefined, undefined, bias] : [])];
  return applyOne(MatMulNBits, inputs, {
    K: Number(x.shape.at(-1)),
    N: Number(packed.shape[0]),
    bits,
    block_size: block,
    accuracy_level: int8,
  });
}
