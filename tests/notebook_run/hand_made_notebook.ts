import type { MadeOn } from "../../lib/notebook_run/made_on.ts";
import type { Cell, Notebook, Output } from "../../lib/notebook_run/notebook_file.ts";

/** A machine that outputs were made on. */
export const madeOn: MadeOn = {
  cpu: "a cpu",
  vectors: "avx2",
  cores: 2,
  os: "an os",
  deno: "2",
  packages: {},
};

/** A code cell with the outputs that it led to. */
export function codeCell(source: string, outputs: readonly Output[], tags?: string[]): Cell {
  return {
    cell_type: "code",
    id: source,
    metadata: tags ? { tags } : {},
    source,
    outputs,
    execution_count: null,
  };
}

/** A notebook as Jupyter leaves it. */
export function notebookOf(...cells: Cell[]): Notebook {
  return { cells, metadata: {}, nbformat: 4, nbformat_minor: 5 };
}

/** The value of a cell. */
export function value(data: Record<string, unknown>): Output {
  return { output_type: "execute_result", data, metadata: {}, execution_count: 7 };
}

/** What a cell shows on its way. */
export function display(text: string, metadata: Record<string, unknown> = {}): Output {
  return { output_type: "display_data", data: { "text/plain": text }, metadata };
}

/** A PNG of one pixel, in base64. */
export const png =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
