import { createHash } from "node:crypto";
import { cellTags } from "./cell_tags.ts";
import type { MadeOn } from "./made_on.ts";
import {
  type Cell,
  type CodeCell,
  codeCells,
  type Notebook,
  type Output,
  textOf,
} from "./notebook_file.ts";

/** The names of a notebook's metadata that say how it is run; the rest is of whoever saved it last. */
const keptMetadata = ["kernelspec", "language_info", "armature_needs"];

/**
 * An executed notebook as it is stored: with what its outputs were made from and on, without what is other every time
 * it runs (numbers of executions, times, progress).
 */
export function normalForm(notebook: Notebook, madeOn: MadeOn): Notebook {
  let executions = 0;
  return {
    cells: notebook.cells.map((cell) =>
      cell.cell_type === "code" ? normalCell(cell, ++executions) : cell
    ),
    metadata: {
      ...Object.fromEntries(
        keptMetadata.flatMap((name) =>
          name in notebook.metadata ? [[name, notebook.metadata[name]]] : []
        ),
      ),
      armature: { sources: sourceHashes(notebook), madeOn },
    },
    nbformat: 4,
    nbformat_minor: 5,
  };
}

/** The hash of each code cell's source. */
export function sourceHashes(notebook: Notebook): string[] {
  return codeCells(notebook).map(({ source }) =>
    createHash("sha256").update(textOf(source)).digest("hex").slice(0, 16)
  );
}

function normalCell(cell: Cell, execution: number): Cell {
  const { tags } = cell.metadata;
  return {
    ...cell,
    metadata: tags ? { tags } : {},
    execution_count: execution,
    outputs: lastingOutputs(cell).map((output) =>
      output.output_type === "execute_result" ? { ...output, execution_count: execution } : output
    ),
  };
}

/** The outputs of a cell that are there whenever it runs. */
export function lastingOutputs({ outputs = [], metadata }: Cell | CodeCell): Output[] {
  const isKept = metadata.tags?.includes(cellTags.kept);
  return outputs.filter((output) =>
    !isProgress(output) && !(isKept && output.output_type !== "execute_result" &&
      output.output_type !== "error")
  );
}

/** Whether an output is a line of progress: these come only where work takes long enough. */
function isProgress(output: Output): boolean {
  return output.output_type === "display_data" && output.metadata.progress === true;
}
