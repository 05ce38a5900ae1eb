import { FileWindow } from "./file_window.ts";

/** One record of a CSV file. */
export interface CsvRecord {
  /** The line (from 1) on which the record begins; cells may hold line feeds. */
  line: number;
  /** The chosen cells, unquoted, in the order in which they were chosen. */
  cells: string[];
}

/** Options of `readCsvRecords`. */
export interface CsvRecordsOptions {
  /**
   * Picks cells by the file's header: the indices (from 0) of the cells that are wanted. What is not wanted is not
   * decoded. Default: all.
   */
  select?: (header: readonly string[]) => readonly number[];
  /** Called as reading goes on with how many bytes are done. */
  onBytes?: (bytes: number) => void;
}

/** Whether a byte may stand behind a closing quotation mark. */
function isEnd(byte: number): boolean {
  return byte === comma || byte === lineFeed || byte === carriageReturn;
}

/** A record longer than this has a quotation mark too few, and would otherwise take the memory that the file has. */
const longestRecord = 1 << 24;

const [quote, comma, lineFeed, carriageReturn, backslash] = [0x22, 0x2c, 0x0a, 0x0d, 0x5c];

/**
 * Reads a CSV file (RFC 4180) record by record, whatever its size: commas, cells quoted with `"` where need be, `""` for
 * a quotation mark in a quoted cell, line ends `\n` or `\r\n`, also within quoted cells. The first record is the header;
 * it is not given, and every record must have as many cells as it has.
 *
 * @throws Error if the file cannot be read; SyntaxError, naming the line, if it is empty, not UTF-8, or not CSV.
 */
export async function* readCsvRecords(
  path: string,
  options: CsvRecordsOptions = {},
): AsyncGenerator<CsvRecord> {
  const { select, onBytes } = options;
  using part = await FileWindow.open(path);
  const parser = new Parser(path);
  let wanted: readonly number[] | undefined;
  while (!part.isLast) {
    await part.fill();
    parser.take(part.bytes, part.isLast);
    while (parser.next()) {
      if (wanted === undefined) {
        const header = parser.header();
        wanted = select?.(header) ?? header.keys().toArray();
      } else {
        yield { line: parser.line, cells: parser.cells(wanted) };
      }
    }
    part.drop(parser.end);
    onBytes?.(part.read);
  }
  if (wanted === undefined) {
    throw new SyntaxError(
      `Cannot read '${path}': it is empty, so check that it is the right file`,
    );
  }
}

/**
 * The records of a CSV file that is in memory, its header first.
 *
 * @param path what errors call it.
 * @throws {SyntaxError} as `readCsvRecords` does.
 */
export function parseCsv(path: string, bytes: Uint8Array<ArrayBuffer>): CsvRecord[] {
  const parser = new Parser(path);
  parser.take(bytes, true);
  const records: CsvRecord[] = [];
  while (parser.next()) records.push({ line: parser.line, cells: parser.header() });
  return records;
}

/** The names of a CSV file's columns. @throws as `readCsvRecords` does. */
export async function readCsvHeader(path: string): Promise<string[]> {
  let names: readonly string[] = [];
  const select = (header: readonly string[]) => {
    names = header;
    return [];
  };
  for await (const _ of readCsvRecords(path, { select })) break;
  return [...names];
}

/** Finds the records in a buffer; where the last of them is not whole, it has to come again with more behind it. */
class Parser {
  /** The line on which the current record begins. */
  line = 0;
  /** Where the records found so far end. */
  end = 0;
  readonly #path: string;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  #buffer = new Uint8Array();
  #isLast = false;
  #nextLine = 1;
  #columns = -1;
  /** Begin and end of each cell; the begin of a quoted one is negative (and one less, as −0 is 0). */
  #bounds: number[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  take(buffer: Uint8Array<ArrayBuffer>, isLast: boolean): void {
    this.#buffer = buffer;
    this.#isLast = isLast;
    this.end = 0;
    const hasMark = buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf;
    if (this.#nextLine === 1 && hasMark) this.end = 3;
  }

  /** Goes on to the next record, over blank lines; false where there is no whole one. */
  next(): boolean {
    while (this.#record()) if (!this.#isBlank()) return true;
    return false;
  }

  #record(): boolean {
    const buffer = this.#buffer;
    const { length } = buffer;
    let at = this.end;
    if (at >= length) return false;
    this.line = this.#nextLine;
    let line = this.line;
    const bounds: number[] = [];
    while (true) {
      const start = at;
      if (buffer[at] === quote) {
        const opened = line;
        at++;
        while (true) {
          while (at < length && buffer[at] !== quote) if (buffer[at++] === lineFeed) line++;
          // a quotation mark at the end of the buffer may be the first of two
          if (at >= length || (at + 1 === length && !this.#isLast)) {
            if (this.#isLast) this.#refuse(opened, "opens a quotation that is never closed");
            return this.#unfinished(opened);
          }
          if (buffer[at + 1] !== quote) break;
          at += 2;
        }
        bounds.push(-start - 2, at);
        at++;
        if (at < length && !isEnd(buffer[at])) this.#refuseTextBehind(line, opened, buffer[at - 2]);
      } else {
        while (at < length && buffer[at] !== comma && buffer[at] !== lineFeed) {
          if (buffer[at] === quote) {
            this.#refuse(line, "has a quotation mark within a cell that is not quoted");
          }
          if (buffer[at] === carriageReturn && at + 1 < length && buffer[at + 1] !== lineFeed) {
            this.#refuse(
              line,
              "has a carriage return within a cell that is not quoted",
              "end lines with line feeds",
            );
          }
          at++;
        }
        if (at >= length && !this.#isLast) return this.#unfinished(line);
        const end = at > start && buffer[at] !== comma && buffer[at - 1] === carriageReturn
          ? at - 1
          : at;
        bounds.push(start, end);
      }
      if (at < length && buffer[at] === comma) {
        at++;
        // a comma at the very end has an empty cell behind it
        if (at < length || this.#isLast) continue;
        return this.#unfinished(line);
      }
      if (buffer[at] === carriageReturn && (buffer[at + 1] === lineFeed || at + 1 >= length)) {
        if (at + 1 >= length && !this.#isLast) return this.#unfinished(line);
        at++;
      }
      if (at >= length) {
        if (!this.#isLast) return this.#unfinished(line);
        break;
      }
      if (buffer[at] !== lineFeed) this.#refuse(line, "has text behind a closing quotation mark");
      at++;
      line++;
      break;
    }
    this.#bounds = bounds;
    this.end = at;
    this.#nextLine = line;
    if (!this.#isBlank()) this.#checkColumns();
    return true;
  }

  /** A line without anything on it; where there is only one column, it is an empty cell. */
  #isBlank(): boolean {
    const [begin, end] = this.#bounds;
    return this.#columns !== 1 && this.#bounds.length === 2 && begin === end;
  }

  header(): string[] {
    return this.cells(Array.from({ length: this.#columns }, (_, i) => i));
  }

  cells(wanted: readonly number[]): string[] {
    return wanted.map((column) => {
      const [begin, end] = [this.#bounds[2 * column], this.#bounds[2 * column + 1]];
      const quoted = begin < 0;
      let text: string;
      try {
        text = this.#decoder.decode(this.#buffer.subarray(quoted ? -begin - 1 : begin, end));
      } catch {
        this.#refuse(this.line, "is not UTF-8", "save the file in that encoding");
      }
      return quoted ? text.replaceAll('""', '"') : text;
    });
  }

  #checkColumns(): void {
    const cells = this.#bounds.length / 2;
    if (this.#columns < 0) this.#columns = cells;
    if (cells !== this.#columns) {
      this.#refuse(
        this.line,
        `has ${cells} cells, but the header ${this.#columns}`,
        "quote cells with commas in them",
      );
    }
  }

  #unfinished(line: number): false {
    if (this.#buffer.length - this.end > longestRecord) {
      this.#refuse(line, `begins a record of more than ${longestRecord >> 20} MB`);
    }
    return false;
  }

  #refuseTextBehind(line: number, opened: number, before: number): never {
    if (before === backslash) {
      this.#refuse(
        opened,
        "has a quotation mark behind a backslash",
        "write the file with such marks doubled",
      );
    }
    const where = opened === line ? "" : `, of the quotation that line ${opened} opens`;
    this.#refuse(line, `has text behind a closing quotation mark${where}`);
  }

  #refuse(line: number, what: string, remedy = "check its quotation marks"): never {
    throw new SyntaxError(
      `Cannot read '${this.#path}': line ${line} ${what}, so ${remedy}`,
    );
  }
}
