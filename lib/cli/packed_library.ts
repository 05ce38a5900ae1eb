import { Buffer } from "node:buffer";
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { writeAtomically } from "../files/atomic_write.ts";

/** Where ONNX Runtime's package has what runs on Linux x64. */
export const nativeFolder = "bin/napi-v6/linux/x64";
/** The library there that is packed compressed, and unpacked by the first start. */
export const nativeLibrary = "libonnxruntime.so.1";

/** What a compressed library is called beside its own name: gzip alone makes it a sixth larger. */
const ending = ".zst";

/** Zstandard's level: higher ones take minutes for some hundredths. */
const level = 12;

/** Writes a native library compressed, as `to` with an ending. */
export async function packLibrary(from: string, to: string): Promise<void> {
  const params = { [constants.ZSTD_c_compressionLevel]: level };
  const packed = zstdCompressSync(await Deno.readFile(from), { params });
  await Deno.writeFile(to + ending, packed);
}

/**
 * Writes the library that {@linkcode packLibrary} compressed beside it, unless it is there.
 *
 * @throws {Error} if the folder cannot be written.
 */
export async function unpackLibrary(path: string): Promise<void> {
  if (await Deno.stat(path).then(() => true, () => false)) return;
  const packed = await Deno.readFile(path + ending);
  try {
    await writeAtomically(path, new Uint8Array(zstdDecompressSync(Buffer.from(packed))));
  } catch (cause) {
    throw new Error(
      `${
        (cause as Error).message
      }. The first start unpacks ONNX Runtime there: let it be by someone who may write.`,
      { cause },
    );
  }
}
