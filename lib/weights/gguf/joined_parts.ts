import { join } from "node:path";
import { writeAtomically } from "../../files/atomic_write.ts";
import { cannotRead } from "../../files/file_errors.ts";

/** Files that are parts of one, such as `model.gguf.part00` and `model.gguf.part01`, wherever they are in some folders. */
export async function partsIn(folders: readonly string[]): Promise<Map<string, string[]>> {
  const parts = new Map<string, string[]>();
  const visit = async (folder: string) => {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      const path = join(folder, name);
      if (isDirectory) await visit(path);
      const [, whole] = /^(.+)\.part\d+$/.exec(name) ?? [];
      if (whole !== undefined && !isDirectory) parts.set(whole, [...parts.get(whole) ?? [], path]);
    }
  };
  for (const folder of folders) await visit(folder);
  const number = (path: string) => Number(/\d+$/.exec(path)![0]);
  for (const paths of parts.values()) paths.sort((a, b) => number(a) - number(b));
  return parts;
}

/** Writes the file that parts make, one behind the other. @throws {Error} if one cannot be read, or it cannot be written. */
export async function joinParts(parts: readonly string[], path: string): Promise<void> {
  await writeAtomically(path, contentsOf(parts));
}

async function* contentsOf(parts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    const file = await Deno.open(part).catch((cause) => {
      throw cannotRead(part, cause);
    });
    yield* file.readable;
  }
}
