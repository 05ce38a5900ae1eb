/**
 * The element types of tensors in GGUF files that are read here, as ggml numbers them: how many values stand in a block, and in how
 * many bytes.
 *
 * Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, and `ggml-common.h` for the blocks.
 */
export const blockTypes = {
  F32: { id: 0, values: 1, bytes: 4 },
  F16: { id: 1, values: 1, bytes: 2 },
  Q4_0: { id: 2, values: 32, bytes: 18 },
  Q4_1: { id: 3, values: 32, bytes: 20 },
  Q5_0: { id: 6, values: 32, bytes: 22 },
  Q5_1: { id: 7, values: 32, bytes: 24 },
  Q8_0: { id: 8, values: 32, bytes: 34 },
  Q4_K: { id: 12, values: 256, bytes: 144 },
  Q5_K: { id: 13, values: 256, bytes: 176 },
  Q6_K: { id: 14, values: 256, bytes: 210 },
  BF16: { id: 30, values: 1, bytes: 2 },
} as const satisfies Record<string, BlockType>;

/** How values stand in the bytes of a tensor. */
export interface BlockType {
  readonly id: number;
  /** Values of a block, all of one row. */
  readonly values: number;
  /** Bytes of a block. */
  readonly bytes: number;
}

/** The name of an element type. */
export type BlockTypeName = keyof typeof blockTypes;

export const blockTypeNames = Object.keys(blockTypes) as readonly BlockTypeName[];

/** Element types that are not read here, by ggml's number, so that errors can name them. */
export const otherTypes: Readonly<Record<number, string>> = {
  9: "Q8_1",
  10: "Q2_K",
  11: "Q3_K",
  15: "Q8_K",
  16: "IQ2_XXS",
  17: "IQ2_XS",
  18: "IQ3_XXS",
  19: "IQ1_S",
  20: "IQ4_NL",
  21: "IQ3_S",
  22: "IQ2_S",
  23: "IQ4_XS",
  24: "I8",
  25: "I16",
  26: "I32",
  27: "I64",
  28: "F64",
  29: "IQ1_M",
  34: "TQ1_0",
  35: "TQ2_0",
  39: "MXFP4",
};
