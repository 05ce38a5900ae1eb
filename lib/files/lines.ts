import { byteChunks } from "./byte_chunks.ts";
import { cannotRead } from "./file_errors.ts";

/**
 * The lines of a UTF-8 text file, as `linesOf` gives them.
 *
 * @throws Error if the file cannot be read; SyntaxError, naming the line, if it is not UTF-8.
 */
export async function readLines(path: string): Promise<Iterable<string>> {
  return linesOf(path, await readBytes(path));
}

/**
 * The lines of UTF-8 bytes, without their ends (`\n` or `\r\n`) and without a byte order mark. What
 * follows the last line end is a line only if it is not empty.
 *
 * @param path The file that the bytes come from, for the error.
 * @param before How many lines of the file come before the bytes.
 * @throws SyntaxError, naming the line, if it is not UTF-8.
 */
export function* linesOf(path: string, bytes: Uint8Array, before = 0): Generator<string> {
  // Decoded line by line, so that bytes that are not UTF-8 are reported with their line.
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let line = before;
  for (let start = 0; start < bytes.length;) {
    const feed = bytes.indexOf(0x0a, start);
    const end = feed < 0 ? bytes.length : feed;
    line++;
    let text: string;
    try {
      text = decoder.decode(bytes.subarray(start, end));
    } catch {
      throw new SyntaxError(
        `Cannot read '${path}': line ${line} is not UTF-8, so save the file in that encoding`,
      );
    }
    if (line === 1 && text.startsWith("\ufeff")) text = text.slice(1);
    yield text.endsWith("\r") ? text.slice(0, -1) : text;
    start = end + 1;
  }
}

/**
 * The lines of a UTF-8 text file, as `linesOf` gives them, read as they are asked for: the file may be larger than
 * the memory.
 *
 * @param onBytes called as reading goes on with how many bytes are done.
 * @throws Error if the file cannot be read; SyntaxError, naming the line, if it is not UTF-8.
 */
export async function* streamLines(
  path: string,
  onBytes: (bytes: number) => void = () => {},
): AsyncGenerator<string> {
  let rest: Uint8Array[] = [];
  let line = 0;
  let bytes = 0;
  const lines = function* (whole: Uint8Array) {
    for (const text of linesOf(path, whole, line)) {
      line++;
      yield text;
    }
  };
  for await (const chunk of byteChunks(path)) {
    bytes += chunk.length;
    const end = chunk.lastIndexOf(0x0a) + 1;
    if (end > 0) {
      yield* lines(joined([...rest, chunk.subarray(0, end)]));
      rest = [];
    }
    if (end < chunk.length) rest.push(chunk.subarray(end));
    onBytes(bytes);
  }
  yield* lines(joined(rest));
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0];
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * The content of a file.
 *
 * @throws Error, naming the file and what to do, if it cannot be read.
 */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await Deno.readFile(path);
  } catch (cause) {
    throw cannotRead(path, cause);
  }
}
