import { readJsonFile } from "../files/json_file.ts";
import { writeAtomically } from "../files/atomic_write.ts";
import type { MadeOn } from "./made_on.ts";

/** A notebook of the format 4.5, as far as it is used here. */
export interface Notebook {
  readonly cells: readonly Cell[];
  readonly metadata: {
    readonly armature?: Origin;
    /** The pretrained models without which it is not executed, by the names that `findModel` knows. */
    readonly armature_needs?: readonly string[];
    readonly [name: string]: unknown;
  };
  readonly nbformat: number;
  readonly nbformat_minor: number;
}

/** What the outputs of a notebook were made from and on. */
export interface Origin {
  /** The SHA-256 of each code cell's source, its first 16 hexadecimal digits. */
  readonly sources: readonly string[];
  readonly madeOn: MadeOn;
}

export interface Cell {
  readonly cell_type: string;
  readonly id?: string;
  readonly metadata: { readonly tags?: readonly string[]; readonly [name: string]: unknown };
  readonly source: Text;
  readonly outputs?: readonly Output[];
  readonly execution_count?: number | null;
}

export interface CodeCell extends Cell {
  readonly outputs: readonly Output[];
}

/** A text, or its lines with their ends. */
export type Text = string | readonly string[];

export type Output =
  | { readonly output_type: "stream"; readonly name: string; readonly text: Text }
  | { readonly output_type: "error"; readonly ename: string; readonly evalue: string }
  | {
    readonly output_type: "display_data" | "execute_result";
    readonly data: Readonly<Record<string, unknown>>;
    readonly metadata: Readonly<Record<string, unknown>>;
    readonly execution_count?: number | null;
  };

/**
 * Reads a notebook.
 *
 * @throws {Error} if the file cannot be read.
 * @throws {SyntaxError} if it is not JSON.
 * @throws {TypeError} if it is no notebook of the format 4.5.
 */
export async function readNotebook(path: string): Promise<Notebook> {
  const file = await readJsonFile(path) as Partial<Notebook> | null;
  if (file?.nbformat !== 4 || !Array.isArray(file.cells) || !file.metadata) {
    throw new TypeError(`Cannot read '${path}': it is no notebook of the format 4`);
  }
  const wrong = file.cells.findIndex((cell) => typeof cell?.id !== "string" || !cell.metadata);
  if (wrong >= 0) {
    throw new TypeError(
      `Cannot read '${path}': its cell ${wrong + 1} has no id, so save it in the format 4.5`,
    );
  }
  return file as Notebook;
}

/**
 * Writes a notebook as Jupyter lays it out, but contents that are objects, such as charts, on one line each: half of
 * their size would be blanks.
 *
 * @throws {Error} if the file system refuses.
 */
export async function writeNotebook(path: string, notebook: Notebook): Promise<void> {
  const contents: string[] = [];
  const mark = crypto.randomUUID();
  const laidOut = JSON.stringify(
    notebook,
    (name, value) =>
      name.startsWith("application/") && typeof value === "object"
        ? `${mark}${contents.push(JSON.stringify(value)) - 1}`
        : value,
    1,
  );
  const text = laidOut.replace(new RegExp(`"${mark}(\\d+)"`, "g"), (_, i) => contents[i]);
  await writeAtomically(path, text + "\n");
}

/** The cells that run, in their order. */
export function codeCells({ cells }: Notebook): CodeCell[] {
  return cells.flatMap((cell) =>
    cell.cell_type === "code" ? [{ ...cell, outputs: cell.outputs ?? [] }] : []
  );
}

export function textOf(text: Text): string {
  return typeof text === "string" ? text : text.join("");
}
