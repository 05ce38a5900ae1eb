import { dirname } from "node:path";
import { writeAtomically } from "./atomic_write.ts";
import { cannotRead } from "./file_errors.ts";
import { makeFolder } from "./make_folder.ts";

/**
 * Copies a file, also into a folder that is not there yet. The copy is on the disk when this resolves.
 *
 * @throws {Error} one sentence, if the one cannot be read or the other not be written; then there is no copy.
 */
export async function copyFile(from: string, to: string): Promise<void> {
  await makeFolder(dirname(to));
  using source = await Deno.open(from).catch((cause) => {
    throw cannotRead(from, cause);
  });
  await writeAtomically(to, source.readable);
}
