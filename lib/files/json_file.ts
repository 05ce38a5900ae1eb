import { cannotRead } from "./file_errors.ts";
import { parseJson } from "./json.ts";

/**
 * What a JSON file holds, with NaN and infinities as Python writes them.
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
    return parseJson(text);
  } catch (cause) {
    throw new SyntaxError(`Cannot read '${path}': it is not JSON (${(cause as Error).message}).`);
  }
}
