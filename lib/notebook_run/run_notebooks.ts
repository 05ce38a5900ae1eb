import { basename, dirname } from "node:path";
import {
  executeNotebook,
  type Execution,
  ExecutionError,
  installKernel,
  requireJupyter,
} from "./jupyter.ts";
import { lackedModel } from "./needed_models.ts";
import { normalForm } from "./normal_form.ts";
import { codeCells, readNotebook, writeNotebook } from "./notebook_file.ts";
import { outputDifferences } from "./output_differences.ts";
import { type Finding, outputProblems } from "./output_problems.ts";

export interface NotebookRunOptions {
  /** Whether the executed notebooks are stored in place of the files, instead of being compared with them. Default false. */
  write?: boolean;
  /** The longest that one cell may take, in seconds. Default 300. */
  cellSeconds?: number;
  /** Called as each code cell of a notebook begins, with its number from 1. */
  onCell?: (notebook: string, cell: number, cells: number) => void;
  signal?: AbortSignal;
}

/** How the run of one notebook went. */
export interface NotebookOutcome {
  /** The name of its file. */
  readonly notebook: string;
  readonly seconds: number;
  /** One sentence each; none where all is well. */
  readonly problems: readonly string[];
  /** Whether what it shows was compared with what is stored: not where that was made on something else. */
  readonly comparesContents: boolean;
  /** Why it was not executed, if it was not: what it needs is not on this machine. */
  readonly skipped?: string;
}

/**
 * Executes notebooks from top to bottom, with the Deno that runs this, and looks at what they show: errors, charts that
 * are missing, outputs that are not those of the stored notebook. A notebook with a problem is never stored; one that needs a pretrained
 * model which is not on this machine is not executed.
 *
 * @throws {Error} if there is no Jupyter, or a file cannot be read or written.
 * @throws the signal's reason if it is aborted.
 */
export async function* runNotebooks(
  paths: readonly string[],
  options: NotebookRunOptions = {},
): AsyncGenerator<NotebookOutcome, void, undefined> {
  await requireJupyter();
  const folder = await Deno.makeTempDir({ prefix: "armature-notebooks-" });
  try {
    await installKernel(folder);
    for (const path of paths) {
      const notebook = basename(path);
      const began = performance.now();
      const skipped = await lackedModel(await readNotebook(path));
      if (skipped !== undefined) {
        yield { notebook, seconds: 0, problems: [], comparesContents: false, skipped };
        continue;
      }
      const { problems, comparesContents } = await runNotebook(path, folder, options);
      yield {
        notebook,
        seconds: (performance.now() - began) / 1000,
        problems: problems.map((problem) => `${notebook}: ${problem}`),
        comparesContents,
      };
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function runNotebook(
  path: string,
  folder: string,
  { write = false, cellSeconds = 300, onCell, signal }: NotebookRunOptions,
): Promise<Pick<NotebookOutcome, "problems" | "comparesContents">> {
  const stored = await readNotebook(path);
  const cells = codeCells(stored).length;
  let execution: Execution;
  try {
    execution = await executeNotebook(stored, {
      folder,
      cwd: dirname(path),
      cellSeconds,
      onCell: (cell) => onCell?.(basename(path), cell, cells),
      signal,
    });
  } catch (error) {
    if (error instanceof ExecutionError) return refused([error.message]);
    throw error;
  }
  const problems = outputProblems(execution.notebook);
  if (problems.length > 0) return refused(problems.map(sentence));
  const executed = normalForm(execution.notebook, execution.madeOn);
  if (write) {
    await writeNotebook(path, executed);
    return refused([]);
  }
  const { findings, comparesContents } = outputDifferences(stored, executed);
  return { problems: findings.map(sentence), comparesContents };
}

function refused(problems: string[]) {
  return { problems, comparesContents: false };
}

function sentence({ cell, what }: Finding): string {
  return `cell [${cell}] ${what}`;
}
