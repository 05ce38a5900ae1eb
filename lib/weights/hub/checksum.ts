import { createHash } from "node:crypto";
import { cannotRead } from "../../files/file_errors.ts";

/**
 * Whether a file's content is what the hub names it by: the SHA-256 of a file in its storage, or the SHA-1 of a
 * file in git, which is that of `blob`, the length and the content. Other names say nothing of the content.
 *
 * @throws {Error} if the file cannot be read.
 */
export async function hasChecksum(
  path: string,
  etag: string,
  signal?: AbortSignal,
): Promise<boolean> {
  const algorithm = { 64: "sha256", 40: "sha1" }[/^[0-9a-f]+$/.test(etag) ? etag.length : 0];
  if (!algorithm) return true;
  const hash = createHash(algorithm);
  try {
    using file = await Deno.open(path);
    if (algorithm === "sha1") hash.update(`blob ${(await file.stat()).size}\0`);
    const buffer = new Uint8Array(2 ** 20);
    for (let count; (count = await file.read(buffer)) !== null;) {
      hash.update(buffer.subarray(0, count));
      signal?.throwIfAborted();
    }
  } catch (cause) {
    signal?.throwIfAborted();
    throw cannotRead(path, cause);
  }
  return hash.digest("hex") === etag;
}
