/** How matrices are stored in few bits: in blocks of a row, each with a step of its own. */
export interface Quantization {
  /** Bits of a number. */
  readonly bits: 8 | 4;
  /** Numbers of a block. */
  readonly block: number;
}

/** How a folder's matrices are stored. */
export interface StoredQuantization extends Quantization {
  /** Whether each matrix has bits and blocks of its own, which its shape tells; `bits` are then the fewest. Default false. */
  readonly mixed?: boolean;
}

/** The steps of a matrix in few bits are beside it. The matrix itself keeps its name, so that no loader takes it for a whole one. */
export function scalesOf(name: string): string {
  return `${name}.scales`;
}

/** What is added to all numbers of a block, where there is something. */
export function offsetsOf(name: string): string {
  return `${name}.offsets`;
}

/**
 * Bits and blocks of a matrix of `inner` rows, by the shape `[columns, blocks, bytes of a block]` that it is stored in.
 *
 * @returns undefined if no blocks are so.
 */
export function quantizationIn(shape: readonly number[], inner: number): Quantization | undefined {
  const [, blocks, bytes] = shape;
  const block = inner / blocks;
  const bits = quantizationBits.find((bits) => bits * block === 8 * bytes);
  const isKnown = quantizationBlocks.some((known) => known === block);
  return bits !== undefined && isKnown ? { bits, block } : undefined;
}

/** The bits a number may have, and the lengths a block may have, as ONNX Runtime's MatMulNBits takes them. */
export const quantizationBits = [8, 4] as const;
export const quantizationBlocks = [16, 32, 64] as const;

/** A matrix of which every row is cut into blocks, the last one filled up with zeros. */
export interface QuantizedRows {
  /** Whole numbers q, `[rows, blocks, block · bits / 8]`; of 4 bits, two a byte, the lower half first. */
  readonly packed: Uint8Array;
  /** Steps s, `[rows, blocks]`. A q stands for s (q − 2^(bits − 1)). */
  readonly scales: Float32Array;
}

/**
 * Quantizes a matrix `[rows, inner]`: the step of a block is s = max |x| / (2^(bits − 1) − 1), and x becomes
 * q = round(x / s) + 2^(bits − 1), which is off by half a step at most.
 *
 * @throws {RangeError} if a number is not finite.
 */
export function quantizeRows(
  values: Float32Array,
  inner: number,
  { bits, block }: Quantization,
): QuantizedRows {
  const zero = 2 ** (bits - 1);
  const blocks = Math.ceil(inner / block);
  const rows = values.length / inner;
  const numbers = new Uint8Array(rows * blocks * block).fill(zero);
  const scales = new Float32Array(rows * blocks);
  for (let row = 0; row < rows; row++) {
    for (let b = 0; b < blocks; b++) {
      const from = row * inner + b * block;
      const to = Math.min(from + block, (row + 1) * inner);
      let largest = 0;
      for (let i = from; i < to; i++) {
        const size = Math.abs(values[i]);
        // not a number is larger than none
        if (!(size <= largest)) largest = size;
      }
      if (!Number.isFinite(largest)) {
        throw new RangeError("Cannot quantize a matrix with numbers that are not finite");
      }
      // where all are zero, any step will do
      const step = Math.fround(largest / (zero - 1)) || 1;
      scales[row * blocks + b] = step;
      for (let i = from, at = (row * blocks + b) * block; i < to; i++, at++) {
        const steps = Math.round(values[i] / step);
        numbers[at] = zero + Math.max(1 - zero, Math.min(zero - 1, steps));
      }
    }
  }
  return { packed: bits === 8 ? numbers : inHalves(numbers), scales };
}

function inHalves(numbers: Uint8Array): Uint8Array {
  return Uint8Array.from(
    { length: numbers.length / 2 },
    (_, i) => numbers[2 * i] | numbers[2 * i + 1] << 4,
  );
}

/** The matrix `[rows, inner]` that quantized rows stand for. */
export function dequantizeRows(
  { packed, scales }: QuantizedRows,
  inner: number,
  { bits, block }: Quantization,
): Float32Array {
  const zero = 2 ** (bits - 1);
  const blocks = Math.ceil(inner / block);
  const numberAt = (i: number) => bits === 8 ? packed[i] : packed[i >> 1] >> 4 * (i & 1) & 15;
  return Float32Array.from({ length: scales.length / blocks * inner }, (_, i) => {
    const [row, column] = [Math.floor(i / inner), i % inner];
    const of = row * blocks + Math.floor(column / block);
    return scales[of] * (numberAt(of * block + column % block) - zero);
  });
}

/**
 * How the matrices of a model are stored, as its `config.json` says; undefined where it says nothing.
 *
 * @param where named in errors.
 * @throws {TypeError} if they are stored in a way that is not known.
 */
export function parseQuantization(config: unknown, where: string): StoredQuantization | undefined {
  const own = (config as { armature?: { quantization?: unknown } } | null)?.armature;
  if (own?.quantization === undefined) return undefined;
  const { bits, block, mixed } = (own.quantization ?? {}) as Partial<StoredQuantization>;
  const known = quantizationBits.some((known) => known === bits) &&
    quantizationBlocks.some((known) => known === block);
  if (!known) {
    throw new TypeError(
      `${where} says armature.quantization: ${
        JSON.stringify(own.quantization)
      }; its bits must be ` +
        `${quantizationBits.join(" or ")}, its block ${quantizationBlocks.join(", ")}.`,
    );
  }
  return { bits: bits!, block: block!, ...(mixed === true && { mixed }) };
}
