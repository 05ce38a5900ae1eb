import { writeAtomically } from "./atomic_write.ts";
import { cannotRead, cannotWrite } from "./file_errors.ts";
import { parseJson } from "./json.ts";
import { linesOf, streamLines } from "./lines.ts";

/** A JSON object, as one line of a JSON Lines file holds it. */
export type JsonRow = Record<string, unknown>;

/**
 * The objects of a JSON Lines file, each with its line (1-based); blank lines are skipped. The file is read as the
 * rows are asked for.
 *
 * @param onBytes called as reading goes on with how many bytes are done.
 * @throws Error if the file cannot be read; SyntaxError, naming the line, if it is not UTF-8 or a
 *   line is not a JSON object.
 */
export async function* readJsonLines(
  path: string,
  onBytes?: (bytes: number) => void,
): AsyncGenerator<{ line: number; row: JsonRow }> {
  let line = 0;
  for await (const text of streamLines(path, onBytes)) {
    line++;
    if (text.trim() !== "") yield { line, row: rowOf(path, line, text) };
  }
}

/** @throws SyntaxError if the line is not a JSON object. */
function rowOf(path: string, line: number, text: string): JsonRow {
  const row = parseRow(text);
  if (row !== undefined) return row;
  const remedy = line === 1 && text.trimStart().startsWith("[")
    ? "write one object a line, and no list around them"
    : "correct or remove that line";
  throw new SyntaxError(
    `Cannot read '${path}': line ${line} is not a JSON object, so ${remedy}`,
  );
}

/** Options of `JsonLinesLog.open`. */
export interface JsonLinesLogOptions {
  /** Which rows of an existing file stay, such as those before the step resumed from. Default: all. */
  keep?: (row: JsonRow) => boolean;
}

/**
 * An append-only log of JSON objects, one a line. A row reaches the operating system as it is
 * appended, so that a killed process loses none; a row torn by a crash is dropped when reopening.
 *
 * @example
 * ```ts
 * using log = await JsonLinesLog.open("metrics.jsonl", { keep: (row) => Number(row.step) <= 100 });
 * log.append({ step: 101, loss: 0.5 });
 * ```
 */
export class JsonLinesLog implements Disposable {
  readonly #path: string;
  readonly #file: Deno.FsFile;

  private constructor(path: string, file: Deno.FsFile) {
    this.#path = path;
    this.#file = file;
  }

  /**
   * Opens the log at `path` for appending, creating it where there is none. An existing log is first
   * rewritten atomically with the rows to keep.
   *
   * @throws Error if the file cannot be read or written; SyntaxError if a row other than the last
   *   is not a JSON object.
   */
  static async open(path: string, options: JsonLinesLogOptions = {}): Promise<JsonLinesLog> {
    const { keep = () => true } = options;
    const kept: string[] = [];
    let line = 0;
    for (const text of linesOf(path, withoutTornRow(await bytesIfThere(path)))) {
      line++;
      if (text.trim() === "") continue;
      const row = rowOf(path, line, text);
      if (keep(row)) kept.push(JSON.stringify(row) + "\n");
    }
    await writeAtomically(path, kept.join(""));
    try {
      return new JsonLinesLog(path, await Deno.open(path, { append: true }));
    } catch (cause) {
      throw cannotWrite(path, cause);
    }
  }

  /**
   * Appends one row.
   *
   * @throws Error if it cannot be written whole, and the log is then as it was.
   */
  append(row: JsonRow): void {
    const bytes = new TextEncoder().encode(JSON.stringify(row) + "\n");
    const { size } = this.#file.statSync();
    try {
      for (let written = 0; written < bytes.length;) {
        written += this.#file.writeSync(bytes.subarray(written));
      }
    } catch (cause) {
      this.#file.truncateSync(size);
      throw cannotWrite(this.#path, cause);
    }
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

async function bytesIfThere(path: string): Promise<Uint8Array> {
  try {
    return await Deno.readFile(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return new Uint8Array();
    throw cannotRead(path, cause);
  }
}

/** Cuts off what follows the last line feed, unless it is a whole row. */
function withoutTornRow(bytes: Uint8Array): Uint8Array {
  const end = bytes.lastIndexOf(0x0a) + 1;
  const last = parseRow(new TextDecoder().decode(bytes.subarray(end)));
  return last === undefined ? bytes.subarray(0, end) : bytes;
}

function parseRow(text: string): JsonRow | undefined {
  try {
    const value = parseJson(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? value as JsonRow
      : undefined;
  } catch {
    return undefined;
  }
}
