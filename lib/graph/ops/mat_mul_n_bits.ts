import { multiply, sameShape, type Shape, showShape } from "../dim.ts";
import { applyOne, defineOp } from "../op.ts";
import type { DType, Tensor } from "../tensor.ts";
import { add, div, mul, sub } from "./arithmetic.ts";
import { concat } from "./concat.ts";
import { gemm } from "./matmul.ts";
import { reduceSum } from "./reduce_sum.ts";
import { reshape } from "./reshape.ts";
import { abs, round } from "./round.ts";
import { clip, maxLast } from "./select.ts";

/** A matrix `[inner, columns]` of few bits, each column cut into blocks that have a step of their own. */
export interface QuantizedMatrix {
  /** Whole numbers q, `[columns, blocks, block · bits / 8]`; of 4 bits, two a byte, the lower half first. */
  readonly packed: Tensor<"uint8">;
  /** Steps s, `[columns, blocks]` with blocks = ⌈inner / block⌉. A q stands for s (q − 2^(bits − 1)). */
  readonly scales: Tensor<"float32">;
  /** Offsets m, `[columns, blocks]`: a q stands for s (q − 2^(bits − 1)) + m. Default: none. */
  readonly offsets?: Tensor<"float32">;
  /**
   * Whether what is left of x after it was rounded to int8 is multiplied as well, as good as in float32; `inner` has to be whole
   * blocks then, as with offsets. Default false.
   */
  readonly twice?: boolean;
  readonly bits: 8 | 4;
  /** Numbers of a block. */
  readonly block: number;
}

/** ONNX Runtime has it on all its devices, so it needs no portable form. */
export const MatMulNBits = defineOp({
  name: "MatMulNBits",
  optionalInputs: true,
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
  { packed, scales, offsets, twice, bits, block }: QuantizedMatrix,
  bias?: Tensor<"float32">,
): Tensor<"float32"> {
  const [rows] = x.shape;
  const inner = Number(x.shape.at(-1));
  const columns = Number(packed.shape[0]);
  const product = (x: Tensor<"float32">, bias?: Tensor<"float32">): Tensor<"float32"> =>
    applyOne(MatMulNBits, [x, packed, scales, ...(bias ? [undefined, undefined, bias] : [])], {
      K: inner,
      N: columns,
      bits,
      block_size: block,
      accuracy_level: int8,
    });
  if (!twice && !offsets) return product(x, bias);
  const blocks = blocksOf(x, block);
  let y = twice ? reduceSum(reshape(product(blocks.inTwo()), [2, rows, columns]), [0]) : product(x);
  // an offset meets the sum of its block: x W = x S + (sums of x) M
  if (offsets) y = gemm(blocks.sums(), offsets, { transposeB: true, bias: y });
  return bias ? add(y, bias) : y;
}

/** What matrices of the same left operand share. */
interface Blocks {
  /** The sum of every block, `[rows, blocks]`. */
  sums(): Tensor<"float32">;
  /** x as whole steps of its blocks, which int8 holds exactly, above what is left of it: `[2·rows, inner]`. */
  inTwo(): Tensor<"float32">;
}

const known = new WeakMap<Tensor, Map<number, Blocks>>();

function blocksOf(x: Tensor<"float32">, block: number): Blocks {
  const ofX = known.get(x) ?? new Map<number, Blocks>();
  known.set(x, ofX);
  const before = ofX.get(block);
  if (before) return before;
  const [rows, inner] = x.shape;
  const blocks = reshape(x, [rows, Number(inner) / block, block]);
  const made: Blocks = {
    sums: once(() => reduceSum(blocks, [2])),
    inTwo: once(() => {
      // the step that the kernel takes for a block, so that it finds the same whole numbers
      const step = mul(clip(maxLast(abs(blocks)), 1e-30, 1e30), 1 / 127);
      const rough = mul(round(div(blocks, step)), step);
      return reshape(concat([rough, sub(blocks, rough)], 0), [multiply(2, rows), inner]);
    }),
  };
  ofX.set(block, made);
  return made;
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => made ??= make();
}
