import { cannotRead } from "../file_errors.ts";
import { openFile, readAt } from "../open_file.ts";
import { Budget, isTooLong } from "./budget.ts";
import { checkKinds, type Column, columnsOf, GroupValues } from "./column.ts";
import { type Footer, footerBytes, readFooter, tailBytes } from "./footer.ts";
import { BrokenParquet, decoding } from "./parquet_error.ts";

/**
 * A Parquet file (https://parquet.apache.org/docs/file-format), decoded by hyparquet. The file may come from anywhere: every size and
 * count is checked before anything is made by it, and a small file does not unfold without end. A row group's chunks of the wanted
 * columns are in memory at once, and a page each decoded, or all pages of lists.
 */
export class ParquetFile {
  /** The columns that are no structs, by their paths, such as `prompt.text`; lists are columns. */
  readonly columns: readonly string[];
  /** How many rows there are. */
  readonly height: number;
  readonly #path: string;
  readonly #size: number;
  readonly #footer: Footer;
  readonly #columns: ReadonlyMap<string, Column>;

  /**
   * Opens a file and reads what it says of itself.
   *
   * @throws {Error} if it cannot be read; {SyntaxError} if it is not Parquet, or of a kind that is not read here.
   */
  static async open(path: string): Promise<ParquetFile> {
    using file = await openFile(path);
    const { size } = await file.stat();
    const tail = await bytesAt(path, file, Math.max(0, size - tailBytes), size);
    const length = decoding(path, () => footerBytes(tail, size));
    const bytes = await bytesAt(path, file, size - length, size);
    return decoding(path, () => {
      const footer = readFooter(bytes, size);
      const height = footer.groups.reduce((sum, { rows }) => sum + rows, 0);
      if (isTooLong(height, size)) {
        throw new BrokenParquet(`it has ${height} rows in ${size} bytes`);
      }
      return new ParquetFile(path, size, footer, height);
    });
  }

  private constructor(path: string, size: number, footer: Footer, height: number) {
    this.#path = path;
    this.#size = size;
    this.#footer = footer;
    const columns = columnsOf(footer);
    this.#columns = new Map(columns.map((column) => [column.name, column]));
    this.columns = columns.map(({ name }) => name);
    this.height = height;
  }

  /**
   * Reads the rows.
   *
   * @param names columns that there are; others are not read.
   * @returns a row's values: texts, numbers (those of 64 bits as bigints, decimals as the nearest), booleans, dates to the
   *   millisecond, lists and maps; bytes of one length as they are; null where there is none.
   * @throws {Error} if the file cannot be read; {SyntaxError} if it is broken, or a column holds what is not read here.
   */
  async *rows(names: readonly string[]): AsyncGenerator<unknown[]> {
    const path = this.#path;
    const footer = this.#footer;
    const columns = names.map((name) => this.#columns.get(name)!);
    decoding(path, () => checkKinds(columns, footer));
    // columns of one struct have the same list of leaves
    const leaves = [...new Set(columns.map(({ leaves }) => leaves))].flat();
    const budget = new Budget(this.#size);
    using file = await openFile(path);
    for (const group of footer.groups) {
      const chunks = new Map<number, Uint8Array>();
      for (const leaf of leaves) {
        const { from, to } = group.chunks[leaf];
        chunks.set(leaf, await bytesAt(path, file, from, to));
      }
      const values = new GroupValues(footer, group, chunks, budget);
      const iterators = decoding(
        path,
        () => columns.map((column) => values.of(column)[Symbol.iterator]()),
      );
      const next = () => iterators.map((column) => column.next().value);
      for (let row = 0; row < group.rows; row++) yield decoding(path, next);
      decoding(path, () => {
        if (iterators.every((column) => column.next().done)) return;
        throw new BrokenParquet("a column has more values than rows");
      });
    }
  }
}

/** The bytes of a stretch of a file. @throws {Error} naming the file, if it is shorter or cannot be read. */
async function bytesAt(
  path: string,
  file: Deno.FsFile,
  from: number,
  to: number,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(to - from);
  const isWhole = await readAt(file, from, bytes).catch((cause) => {
    throw cannotRead(path, cause);
  });
  if (isWhole) return bytes;
  throw new Error(`Cannot read '${path}': it was shortened while it was read, so read it again`);
}
