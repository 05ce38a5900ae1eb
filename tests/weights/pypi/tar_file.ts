import { gzipSync } from "node:zlib";
import { packTar } from "modern-tar";

/** Files in a `.tar.gz`; one whose content is a text is a link to what it says. */
export async function tarFile(
  files: Readonly<Record<string, Uint8Array<ArrayBuffer> | string>>,
): Promise<Uint8Array<ArrayBuffer>> {
  const entries = Object.entries(files).map(([name, content]) =>
    typeof content === "string"
      ? { header: { name, size: 0, type: "symlink" as const, linkname: content } }
      : { header: { name, size: content.length }, body: content }
  );
  return new Uint8Array(gzipSync(await packTar(entries)));
}
