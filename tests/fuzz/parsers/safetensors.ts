import { join } from "node:path";
import {
  dtypes,
  headerLengthIn,
  parseSafetensorsHeader,
} from "../../../lib/weights/safetensors_header.ts";
import { arrayFor } from "../../../lib/weights/weights_file.ts";
import { joined } from "../joined.ts";
import { withLength } from "../mutate_safetensors.ts";
import type { Parser } from "../parser.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** A file of some tensors of zeros, by their names. */
export function safetensorsFile(
  tensors: Readonly<Record<string, { dtype: keyof typeof dtypes; shape: readonly number[] }>>,
  metadata?: Readonly<Record<string, string>>,
): Bytes {
  let end = 0;
  const entries = Object.entries(tensors).map(([name, { dtype, shape }]) => {
    const length = shape.reduce((product, size) => product * size, 1);
    const data_offsets = [end, end += length * dtypes[dtype].BYTES_PER_ELEMENT];
    return [name, { dtype, shape, data_offsets }] as const;
  });
  const header = { ...(metadata && { __metadata__: metadata }), ...Object.fromEntries(entries) };
  return joined(withLength(new TextEncoder().encode(JSON.stringify(header))), new Uint8Array(end));
}

/** As `openSafetensors` does it, but for the file itself. */
export const safetensors: Parser = {
  title: "weights in a safetensors file",
  cases: 1e6,
  words: ['"F32"', '"shape":[', '"data_offsets":[0,', '{"', '":{', "}", "__metadata__", "\\u0000"],
  seeds: () =>
    [
      safetensorsFile({}),
      safetensorsFile({ a: { dtype: "F32", shape: [2, 3] }, b: { dtype: "BF16", shape: [4] } }),
      safetensorsFile({ "h.0.w": { dtype: "I64", shape: [] }, e: { dtype: "U8", shape: [3, 0] } }, {
        format: "pt",
        "": "é",
      }),
    ].map((bytes) => ({ "model.safetensors": bytes })),
  open: (folder) => {
    const path = join(folder, "model.safetensors");
    return (input) => {
      const bytes = input["model.safetensors"];
      const { length } = bytes;
      const headerLength = headerLengthIn(path, bytes.subarray(0, 8), length);
      const header = bytes.subarray(8, 8 + headerLength);
      let end = 8 + headerLength;
      for (const entry of parseSafetensorsHeader(path, header, length).tensors.values()) {
        const { offset, byteLength } = entry;
        const isInPlace = offset === end && offset + byteLength <= length;
        if (!isInPlace || arrayFor(entry).byteLength !== byteLength) {
          throw new Error(`a tensor at ${offset} of ${byteLength} bytes is accepted`);
        }
        end += byteLength;
      }
    };
  },
};
