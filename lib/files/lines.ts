import { cannotRead } from "./file_errors.ts";
import { FileWindow } from "./file_window.ts";

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
  using part = await FileWindow.open(path);
  let line = 0;
  while (!part.isLast) {
    await part.fill();
    const { bytes } = part;
    const end = part.isLast ? bytes.length : bytes.lastIndexOf(0x0a) + 1;
    for (const text of linesOf(path, bytes.subarray(0, end), line)) {
      line++;
      yield text;
    }
    part.drop(end);
    onBytes(part.read);
  }
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
