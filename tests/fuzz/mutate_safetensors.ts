import type { Random } from "../../lib/random.ts";
import { bytesOf } from "../../lib/weights/safetensors.ts";
import { joined } from "./joined.ts";
import { mutateJson } from "./mutate_json.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** A header behind its length. */
export function withLength(header: Bytes): Bytes {
  return joined(bytesOf(BigUint64Array.of(BigInt(header.length))), header);
}

/** Changes a header, and most often the length before it as well. */
export function mutateSafetensors(random: Random, bytes: Bytes): Bytes {
  const length = bytes.length < 8 ? 0 : Number(new DataView(bytes.buffer).getBigUint64(0, true));
  if (length > bytes.length) return bytes;
  const header = mutateJson(random, bytes.slice(8, 8 + length));
  const begin = random.integer(8) > 0 ? withLength(header) : joined(bytes.subarray(0, 8), header);
  return joined(begin, bytes.subarray(8 + length));
}
