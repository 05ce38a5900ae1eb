import type { SafetensorsStream } from "../safetensors.ts";
import { offsetsOf, scalesOf } from "../quantization.ts";
import { type Groups, groupsOf } from "./blocks.ts";
import type { BlockTypeName } from "./block_types.ts";
import type { GgufFile } from "./gguf_file.ts";
import type { StoredParameter } from "./gguf_model.ts";
import { rowChunks } from "./parameter_chunks.ts";

/** In how many bits ONNX Runtime's MatMulNBits takes the numbers of a type; undefined of floating-point types. */
const bitsOf: { readonly [type in BlockTypeName]?: 4 | 8 } = {
  Q4_0: 4,
  Q4_1: 4,
  Q4_K: 4,
  Q5_0: 8,
  Q5_1: 8,
  Q5_K: 8,
  Q6_K: 8,
  Q8_0: 8,
};

/** Whether a parameter can stay in few bits: the numbers of its blocks are whole, and its rows are those of the file's matrix. */
export function isKept({ stored }: StoredParameter): boolean {
  return bitsOf[stored.type] !== undefined && stored.shape.length === 2;
}

/**
 * A matrix in few bits as a model folder stores it, in the numbers and steps that the file has: a number q there stands for
 * s (q − 2^(bits − 1)) + m here, so that those of other zeros move, and offsets with them.
 */
export function keptMatrix(
  name: string,
  file: GgufFile,
  parameter: StoredParameter,
): (readonly [name: string, tensor: SafetensorsStream])[] {
  const { type, shape } = parameter.stored;
  const bits = bitsOf[type]!;
  const [rows, columns] = shape;
  const { group, offsets } = groupsOf(type, new Uint8Array(0))!;
  const groups = columns / group;
  const chunks = (part: (groups: Groups) => Uint8Array) =>
    async function* () {
      for await (const bytes of rowChunks(file, parameter)) yield part(groupsOf(type, bytes)!);
    };
  const floats = (part: (groups: Groups) => Float32Array): SafetensorsStream => ({
    dtype: "F32",
    shape: [rows, groups],
    chunks: chunks((groups) => bytesOf(part(groups))),
  });
  return [
    [name, {
      dtype: "U8",
      shape: [rows, groups, group * bits / 8],
      chunks: chunks((groups) => packed(groups, bits)),
    }],
    [scalesOf(name), floats(({ scales }) => scales)],
    ...(offsets
      ? [[offsetsOf(name), floats((groups) => offsetsAbove(groups, bits))] as const]
      : []),
  ];
}

/** Numbers of 8 bits have room to move to the middle; those of 4 fill their bits. */
function shiftOf({ zero }: Groups, bits: 4 | 8): number {
  return bits === 8 ? 128 - zero : 0;
}

function packed(groups: Groups, bits: 4 | 8): Uint8Array {
  const { numbers } = groups;
  const shift = shiftOf(groups, bits);
  if (bits === 8) return shift === 0 ? numbers : numbers.map((number) => number + shift);
  const halves = new Uint8Array(numbers.length / 2);
  for (let i = 0; i < halves.length; i++) halves[i] = numbers[2 * i] | numbers[2 * i + 1] << 4;
  return halves;
}

function offsetsAbove(groups: Groups, bits: 4 | 8): Float32Array {
  const { zero, scales, offsets } = groups;
  const moved = 2 ** (bits - 1) - zero - shiftOf(groups, bits);
  return offsets!.map((offset, i) => offset + scales[i] * moved);
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
