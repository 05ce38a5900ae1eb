import { cannotRead } from "../files/file_errors.ts";

/** The text of a file of a tokenizer, or undefined where there is no such file. @throws {Error} if it cannot be read. */
export async function readUtf8(path: string): Promise<string | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.NotADirectory) return;
    throw cannotRead(path, cause);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw notText(path, cause);
  }
}

/** What is wrong with a file whose text is not what its name says. */
export function notText(path: string, cause: unknown): SyntaxError {
  const form = path.endsWith(".json") ? "JSON in UTF-8" : "UTF-8";
  return new SyntaxError(
    `${path} is not ${form} (${
      cause instanceof Error ? cause.message : cause
    }); fetch or save the model folder again.`,
    { cause },
  );
}
