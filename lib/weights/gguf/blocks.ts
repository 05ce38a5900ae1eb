import { floatsOfBrains, floatsOfHalves } from "../half_floats.ts";
import { type BlockTypeName, blockTypes } from "./block_types.ts";

/**
 * Values in few bits, in groups that share a step s and perhaps an offset m: a whole number q stands for s (q − zero), or for
 * s (q − zero) + m.
 */
export interface Groups {
  /** Whole numbers q, one a byte. */
  readonly numbers: Uint8Array;
  readonly zero: number;
  /** Numbers of a group. */
  readonly group: number;
  /** Steps s, one a group. */
  readonly scales: Float32Array;
  /** Offsets m, one a group. */
  readonly offsets?: Float32Array;
}

/** The values of whole blocks as float32, as ggml dequantizes them: every step and offset rounded to float32, products exact. */
export function floatsOf(type: BlockTypeName, bytes: Uint8Array): Float32Array {
  switch (type) {
    case "F32":
      return new Float32Array(bytes.slice().buffer);
    case "F16":
      return floatsOfHalves(new Uint16Array(bytes.slice().buffer));
    case "BF16":
      return floatsOfBrains(new Uint16Array(bytes.slice().buffer));
    default:
      return floatsOfGroups(groupsOf(type, bytes)!);
  }
}

function floatsOfGroups({ numbers, zero, group, scales, offsets }: Groups): Float32Array {
  const floats = new Float32Array(numbers.length);
  for (let g = 0, at = 0; g < scales.length; g++) {
    const scale = scales[g];
    const end = at + group;
    if (offsets) {
      const offset = offsets[g];
      for (; at < end; at++) floats[at] = scale * (numbers[at] - zero) + offset;
    } else {
      for (; at < end; at++) floats[at] = scale * (numbers[at] - zero);
    }
  }
  return floats;
}

/** Whole blocks as numbers, steps and offsets; undefined of types that are floating-point numbers. */
export function groupsOf(type: BlockTypeName, bytes: Uint8Array): Groups | undefined {
  const read = readers[type];
  if (!read) return undefined;
  const { values, bytes: length } = blockTypes[type];
  const blocks = bytes.length / length;
  const numbers = new Uint8Array(blocks * values);
  const { zero, group, hasOffsets, block } = read;
  const perBlock = values / group;
  const scales = new Float32Array(blocks * perBlock);
  const offsets = hasOffsets ? new Float32Array(blocks * perBlock) : undefined;
  for (let b = 0; b < blocks; b++) {
    block({
      bytes,
      from: b * length,
      numbers,
      at: b * values,
      scales,
      offsets: offsets ?? scales,
      group: b * perBlock,
    });
  }
  return { numbers, zero, group, scales, offsets };
}

/** Where a block is read from, and where its numbers, steps and offsets go. */
interface Block {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly numbers: Uint8Array;
  readonly at: number;
  readonly scales: Float32Array;
  readonly offsets: Float32Array;
  readonly group: number;
}

interface BlockReader {
  readonly zero: number;
  /** Numbers that share a step. */
  readonly group: number;
  readonly hasOffsets?: boolean;
  readonly block: (block: Block) => void;
}

const halfBits = new Uint16Array(1);
const halfValue = new Float16Array(halfBits.buffer);

/** The float16 of two bytes, without a view of its own for each block. */
function half(bytes: Uint8Array, at: number): number {
  halfBits[0] = bytes[at] | bytes[at + 1] << 8;
  return halfValue[0];
}

/** The lower halves of some bytes, then the upper halves. */
function nibbles({ bytes, numbers, at }: Block, from: number, count: number): void {
  for (let i = 0; i < count; i++) {
    numbers[at + i] = bytes[from + i] & 15;
    numbers[at + count + i] = bytes[from + i] >> 4;
  }
}

/** Adds the fifth bit of 32 numbers, which stand one behind the other in 4 bytes. */
function fifthBits({ bytes, numbers, at }: Block, from: number): void {
  for (let i = 0; i < 32; i++) numbers[at + i] |= (bytes[from + (i >> 3)] >> (i & 7) & 1) << 4;
}

/** The steps and offsets of the eight groups of a block of Q4_K or Q5_K: six bits each, in 12 bytes, times a step for all. */
function sixBitSteps({ bytes, from, scales, offsets, group }: Block): void {
  const [step, least] = [half(bytes, from), half(bytes, from + 2)];
  const at = from + 4;
  for (let g = 0; g < 8; g++) {
    const low = bytes[at + g % 4];
    const middle = bytes[at + 4 + g % 4];
    const high = bytes[at + 8 + g % 4];
    const scale = g < 4 ? low & 63 : high & 15 | low >> 2 & 48;
    const offset = g < 4 ? middle & 63 : high >> 4 | middle >> 2 & 48;
    scales[group + g] = step * scale;
    offsets[group + g] = -(least * offset);
  }
}

const readers: { readonly [type in BlockTypeName]?: BlockReader } = {
  Q4_0: {
    zero: 8,
    group: 32,
    block(block) {
      block.scales[block.group] = half(block.bytes, block.from);
      nibbles(block, block.from + 2, 16);
    },
  },
  Q4_1: {
    zero: 0,
    group: 32,
    hasOffsets: true,
    block(block) {
      block.scales[block.group] = half(block.bytes, block.from);
      block.offsets[block.group] = half(block.bytes, block.from + 2);
      nibbles(block, block.from + 4, 16);
    },
  },
  Q5_0: {
    zero: 16,
    group: 32,
    block(block) {
      block.scales[block.group] = half(block.bytes, block.from);
      nibbles(block, block.from + 6, 16);
      fifthBits(block, block.from + 2);
    },
  },
  Q5_1: {
    zero: 0,
    group: 32,
    hasOffsets: true,
    block(block) {
      block.scales[block.group] = half(block.bytes, block.from);
      block.offsets[block.group] = half(block.bytes, block.from + 2);
      nibbles(block, block.from + 8, 16);
      fifthBits(block, block.from + 4);
    },
  },
  Q8_0: {
    zero: 128,
    group: 32,
    block({ bytes, from, numbers, at, scales, group }) {
      scales[group] = half(bytes, from);
      // two's complement becomes a number from 0 to 255
      for (let i = 0; i < 32; i++) numbers[at + i] = bytes[from + 2 + i] ^ 128;
    },
  },
  Q4_K: {
    zero: 0,
    group: 32,
    hasOffsets: true,
    block(block) {
      sixBitSteps(block);
      const { from, at } = block;
      for (let q = 0; q < 4; q++) nibbles({ ...block, at: at + 64 * q }, from + 16 + 32 * q, 32);
    },
  },
  Q5_K: {
    zero: 0,
    group: 32,
    hasOffsets: true,
    block(block) {
      sixBitSteps(block);
      const { bytes, from, numbers, at } = block;
      for (let q = 0; q < 4; q++) nibbles({ ...block, at: at + 64 * q }, from + 48 + 32 * q, 32);
      for (let i = 0; i < 256; i++) {
        numbers[at + i] |= (bytes[from + 16 + i % 32] >> (i >> 5) & 1) << 4;
      }
    },
  },
  Q6_K: {
    zero: 32,
    group: 16,
    block({ bytes, from, numbers, at, scales, group }) {
      const step = half(bytes, from + 208);
      for (let g = 0; g < 16; g++) {
        scales[group + g] = step * (bytes[from + 192 + g] << 24 >> 24);
      }
      for (let i = 0; i < 256; i++) {
        // of 128 values: the four bits of two stretches of 64 stand in 64 bytes, the two bits of four of 32 in 32
        const [of, rest] = [i >> 7, i & 127];
        const low = bytes[from + 64 * of + (rest & 63)] >> (rest < 64 ? 0 : 4) & 15;
        const high = bytes[from + 128 + 32 * of + (rest & 31)] >> 2 * (rest >> 5) & 3;
        numbers[at + i] = low | high << 4;
      }
    },
  },
};
