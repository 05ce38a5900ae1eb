import { cannotRead } from "./file_errors.ts";

/**
 * What a JSON file holds.
 *
 * @throws {Error} if the file cannot be read.
 * @throws {SyntaxError} if it is not JSON.
 */
export async function readJsonFile(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (cause) {
    throw cannotRead(path, cause);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SyntaxError(`Cannot read '${path}': it is not JSON (${(cause as Error).message}).`);
  }
}
