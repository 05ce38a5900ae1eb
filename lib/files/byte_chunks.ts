import { cannotRead } from "./file_errors.ts";

/** How many bytes are read at once. */
const chunkBytes = 1 << 20;

/**
 * The bytes of a file, in chunks of about a megabyte, so that a file larger than the memory can be read.
 *
 * A chunk may be kept: its memory is not used again.
 *
 * @throws Error, naming the file and what to do, if it cannot be read.
 */
export async function* byteChunks(path: string): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let file: Deno.FsFile;
  try {
    file = await Deno.open(path);
  } catch (cause) {
    throw cannotRead(path, cause);
  }
  using _ = file;
  while (true) {
    const chunk = new Uint8Array(chunkBytes);
    let length: number | null;
    try {
      length = await file.read(chunk);
    } catch (cause) {
      throw cannotRead(path, cause);
    }
    if (length === null) return;
    yield chunk.subarray(0, length);
  }
}
