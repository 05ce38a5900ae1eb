import type * as ort from "onnxruntime-node";

/**
 * Lets the runtime read a float16 tensor in memory: its elements become a `Uint16Array` over the same bytes.
 *
 * Under Deno onnxruntime-node gives out float16 tensors as `Float16Array`, but does not take such an array back
 * (`not enough space: expected …, got 0`), and its constructor turns every `Uint16Array` into one. transformers.js
 * sets the same field before its runs. Other tensors stay as they are.
 */
export function feedable(value: ort.Tensor): ort.Tensor {
  if (value.type !== "float16" || value.location !== "cpu") return value;
  const { buffer, byteOffset, length } = value.data as Uint16Array;
  Object.assign(value, { cpuData: new Uint16Array(buffer, byteOffset, length) });
  return value;
}
