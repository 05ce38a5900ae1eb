import { type BlockTypeName, blockTypes } from "../../../lib/weights/gguf/block_types.ts";

/** A value of the metadata, with the type that the file says. */
export type Metadatum =
  | readonly ["u32", number]
  | readonly ["f32", number]
  | readonly ["bool", boolean]
  | readonly ["text", string]
  | readonly ["texts", readonly string[]]
  | readonly ["i32s", readonly number[]]
  | readonly ["f32s", readonly number[]];

/** A tensor to be written. */
export interface TensorBytes {
  readonly type: BlockTypeName;
  /** Row-major, as `GgufTensor` has it. */
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** A GGUF file, version 3, as llama.cpp writes it. */
export function ggufBytes(
  metadata: Readonly<Record<string, Metadatum>>,
  tensors: Readonly<Record<string, TensorBytes>>,
  alignment = 32,
): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  const little = (size: number, set: (view: DataView) => void) => {
    const view = new DataView(new ArrayBuffer(size));
    set(view);
    bytes.push(...new Uint8Array(view.buffer));
  };
  const u32 = (value: number) => little(4, (view) => view.setUint32(0, value, true));
  const u64 = (value: number) => little(8, (view) => view.setBigUint64(0, BigInt(value), true));
  const text = (value: string) => {
    const encoded = new TextEncoder().encode(value);
    u64(encoded.length);
    bytes.push(...encoded);
  };
  const list = <T>(type: number, values: readonly T[], write: (value: T) => void) => {
    u32(9);
    u32(type);
    u64(values.length);
    values.forEach(write);
  };
  const float = (value: number) => little(4, (view) => view.setFloat32(0, value, true));
  bytes.push(...new TextEncoder().encode("GGUF"));
  u32(3);
  u64(Object.keys(tensors).length);
  u64(Object.keys(metadata).length);
  for (const [key, value] of Object.entries(metadata)) {
    text(key);
    if (value[0] === "u32") u32(4), u32(value[1]);
    else if (value[0] === "f32") u32(6), float(value[1]);
    else if (value[0] === "bool") u32(7), bytes.push(Number(value[1]));
    else if (value[0] === "text") u32(8), text(value[1]);
    else if (value[0] === "texts") list(8, value[1], text);
    else if (value[0] === "i32s") list(5, value[1], u32);
    else list(6, value[1], float);
  }
  const padded = (length: number) => Math.ceil(length / alignment) * alignment;
  let offset = 0;
  for (const [name, { type, shape, bytes: { length } }] of Object.entries(tensors)) {
    text(name);
    u32(shape.length);
    shape.toReversed().forEach(u64);
    u32(blockTypes[type].id);
    u64(offset);
    offset = padded(offset + length);
  }
  const start = padded(bytes.length);
  const file = new Uint8Array(start + offset);
  file.set(bytes);
  let at = start;
  for (const { bytes } of Object.values(tensors)) {
    file.set(bytes, at);
    at = padded(at + bytes.length);
  }
  return file;
}

/** The tensor of some floats. */
export function floatTensor(shape: readonly number[], floats: Float32Array): TensorBytes {
  return { type: "F32", shape, bytes: new Uint8Array(floats.slice().buffer) };
}
