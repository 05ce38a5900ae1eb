// @ts-types="@types/yauzl"
import type { ZipFile } from "yauzl";
import { cannotRead } from "../../files/file_errors.ts";

/** A file in an archive: where its bytes stand in the archive's file. */
export interface ArchiveEntry {
  readonly offset: number;
  readonly byteLength: number;
}

/** The files of a PyTorch archive, by their names without that of the folder that they are all in. */
export type Archive = ReadonlyMap<string, ArchiveEntry>;

/** More entries than any model has tensors. */
const mostEntries = 2 ** 17;

/** The first bytes of a zip file, and of the format that PyTorch wrote before version 1.6: a pickled number. */
const zipMagic = [0x50, 0x4b, 0x03, 0x04];
const legacyMagic = [
  0x80,
  0x02,
  0x8a,
  0x0a,
  0x6c,
  0xfc,
  0x9c,
  0x46,
  0xf9,
  0x20,
  0x6a,
  0xa8,
  0x50,
  0x19,
];

/**
 * Reads the directory of a PyTorch file, which is a zip archive of files that are stored as they are. None of them is
 * read.
 *
 * @throws {Error} if it cannot be read.
 * @throws {SyntaxError} if it is no such file.
 */
export async function readArchive(path: string): Promise<Archive> {
  const size = await checkBeginning(path);
  const entries = new Map<string, ArchiveEntry>();
  // loaded where there is one to be read
  const { openZip } = await import("../../files/zip_file.ts");
  let zip: ZipFile | undefined;
  try {
    zip = await openZip(path);
    if (zip.entryCount > mostEntries) throw new Error(`it has ${zip.entryCount} entries`);
    for await (const entry of zip.eachEntry()) {
      const { fileName: name, compressionMethod, compressedSize, uncompressedSize } = entry;
      if (compressionMethod !== 0 || !entry.canDecodeFileData()) {
        throw new Error(
          `its entry '${name}' is compressed or encrypted, as PyTorch never writes it`,
        );
      }
      const { fileDataStart: offset } = await zip.readLocalFileHeaderPromise(entry, {
        minimal: true,
      });
      if (compressedSize !== uncompressedSize || offset + uncompressedSize > size) {
        throw new Error(`its entry '${name}' does not fit into the file`);
      }
      if (entries.has(name)) throw new Error(`it has two entries '${name}'`);
      entries.set(name, { offset, byteLength: uncompressedSize });
    }
  } catch (cause) {
    throw broken(path, `it is no whole archive (${(cause as Error).message})`);
  } finally {
    zip?.close();
  }
  return inFolder(path, entries);
}

/** Tells other formats by their first bytes. @returns the file's length. */
async function checkBeginning(path: string): Promise<number> {
  const bytes = new Uint8Array(512);
  let length = 0;
  let size: number;
  try {
    using file = await Deno.open(path);
    const stat = await file.stat();
    if (!stat.isFile) throw new Error("it is not a file, so name a file");
    size = stat.size;
    for (let count; (count = await file.read(bytes.subarray(length)));) length += count;
  } catch (cause) {
    throw cannotRead(path, cause);
  }
  const beginsWith = (magic: readonly number[]) => magic.every((byte, i) => bytes[i] === byte);
  const isTar = new TextDecoder().decode(bytes.subarray(257, 262)) === "ustar";
  if (beginsWith(legacyMagic) || isTar) {
    throw new SyntaxError(
      `'${path}' is in the format that PyTorch wrote before version 1.6, which is not read: load it in PyTorch and ` +
        "save it again, or take a model.safetensors if there is one.",
    );
  }
  if (!beginsWith(zipMagic)) throw broken(path, "it does not begin as a zip archive does");
  return size;
}

/** The entries of the archive's one folder. */
function inFolder(path: string, entries: ReadonlyMap<string, ArchiveEntry>): Archive {
  const folders = [...entries.keys()].flatMap((name) =>
    /^([^/]+\/)data\.pkl$/.exec(name)?.[1] ?? []
  );
  if (folders.length !== 1) {
    throw broken(path, `it has ${folders.length === 0 ? "no" : "more than one"} data.pkl`);
  }
  const [folder] = folders;
  const files = new Map(
    [...entries].filter(([name]) => name.startsWith(folder))
      .map(([name, entry]) => [name.slice(folder.length), entry]),
  );
  if ([...files.keys()].some((name) => name === "constants.pkl" || name.startsWith("code/"))) {
    throw new SyntaxError(
      `'${path}' is a TorchScript program, which is not read: save the model's state_dict instead.`,
    );
  }
  return files;
}

/** A file that is not what PyTorch writes. */
export function broken(path: string, problem: string): SyntaxError {
  return new SyntaxError(
    `'${path}' is not a valid PyTorch file: ${problem}; download or write it again.`,
  );
}
