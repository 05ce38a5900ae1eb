import { cannotWrite } from "./file_errors.ts";

/** Makes a folder and those above it, if they are not there. @throws {Error} if it cannot. */
export async function makeFolder(path: string): Promise<void> {
  try {
    await Deno.mkdir(path, { recursive: true });
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
}
