import { extname, join } from "node:path";
import { linesIn } from "../files/stream_lines.ts";
import type { MadeOn } from "./made_on.ts";
import { type Cell, type Notebook, readNotebook } from "./notebook_file.ts";

/** How a notebook is executed. */
export interface ExecutionOptions {
  /** The folder of `installKernel`; the executed copy is written there. */
  folder: string;
  /** The folder that paths in it are relative to: its own. */
  cwd: string;
  /** The longest that one cell may take, in seconds. */
  cellSeconds: number;
  /** Called as each code cell begins, with its number from 1. */
  onCell?: (cell: number) => void;
  signal?: AbortSignal;
}

/** An executed notebook, and what it was executed on. */
export interface Execution {
  readonly notebook: Notebook;
  readonly madeOn: MadeOn;
}

/** A notebook that was not executed to its end. */
export class ExecutionError extends Error {}

/** @throws {Error} if there is no Jupyter that executes notebooks. */
export async function requireJupyter(): Promise<void> {
  const found = await jupyter(["nbconvert", "--version"])
    .then((child) => child.output(), () => undefined);
  if (found?.success) return;
  throw new Error(
    "Cannot execute notebooks as `jupyter nbconvert` is not here: install it " +
      "(Debian: apt install jupyter-nbconvert; elsewhere: pip install nbconvert)",
  );
}

/** Makes the Deno that runs this the kernel of notebooks executed with a folder, whatever else is installed. */
export async function installKernel(folder: string): Promise<void> {
  const kernel = join(kernelPath(folder), "kernels", "deno");
  await Deno.mkdir(kernel, { recursive: true });
  // Values shown as text are the same on a terminal and in CI.
  const specification = { ...kernelSpecification(Deno.execPath()), env: { NO_COLOR: "1" } };
  await Deno.writeTextFile(join(kernel, "kernel.json"), JSON.stringify(specification));
}

/** What Jupyter has to know of a kernel that is a Deno. */
export function kernelSpecification(deno: string) {
  return {
    argv: [deno, "jupyter", "--kernel", "--conn", "{connection_file}"],
    display_name: "Deno",
    language: "typescript",
  };
}

function kernelPath(folder: string): string {
  return join(folder, "jupyter");
}

/**
 * Executes a notebook from top to bottom. A cell that throws does not end it: its error is among the outputs.
 *
 * @throws {ExecutionError} if a cell takes too long, or Jupyter or the kernel fails.
 * @throws the signal's reason if it is aborted.
 */
export async function executeNotebook(
  notebook: Notebook,
  { folder, cwd, cellSeconds, onCell = () => {}, signal }: ExecutionOptions,
): Promise<Execution> {
  const executed = join(folder, "executed.ipynb");
  const child = await jupyter([
    "nbconvert",
    "--stdin",
    "--to=notebook",
    "--execute",
    // Jupyter may take a cell that threw for a good one: what counts is what stands in the outputs.
    "--allow-errors",
    "--ExecutePreprocessor.kernel_name=deno",
    `--ExecutePreprocessor.timeout=${cellSeconds}`,
    "--ExecutePreprocessor.record_timing=False",
    "--debug",
    `--output=${executed}`,
  ], { cwd, env: { JUPYTER_PATH: kernelPath(folder) }, stdin: "piped", signal });
  const isWritten = write(
    child.stdin,
    JSON.stringify({ ...notebook, cells: [preparation, ...notebook.cells] }),
  );
  let begun = 0;
  const last: string[] = [];
  for await (const line of linesIn(child.stderr)) {
    // the first is the preparation
    if (line === "[NbConvertApp] Executing cell:" && begun++ > 0) onCell(begun - 1);
    last.push(line);
    if (last.length > 40) last.shift();
  }
  await isWritten;
  const { success } = await child.status;
  signal?.throwIfAborted();
  if (!success) throw new ExecutionError(reasonOf(last, begun - 1, cellSeconds));
  const { cells: [prepared, ...cells], ...rest } = await readNotebook(executed);
  return { notebook: { ...rest, cells }, madeOn: madeOnIn(prepared) };
}

/** The cell that is put before the others. */
const preparation: Cell = {
  cell_type: "code",
  id: "armature-preparation",
  metadata: {},
  source: `(await import(${JSON.stringify(besideThis("preparation"))})).default`,
  outputs: [],
  execution_count: null,
};

/** The address of a module beside this one, whose name ends as this one's does: packages for npm hold JavaScript. */
export function besideThis(name: string): string {
  return new URL(name + extname(new URL(import.meta.url).pathname), import.meta.url).href;
}

/** What the kernel runs on, as the preparation shows it. */
function madeOnIn({ outputs: [output] = [] }: Cell): MadeOn {
  if (output && "data" in output) return output.data["application/json"] as MadeOn;
  const reason = output?.output_type === "error" ? output.evalue : "it shows nothing";
  throw new ExecutionError(`the kernel cannot be prepared: ${reason}`);
}

/** Writes all that a process is to read. One that ends before has said why. */
async function write(stdin: WritableStream<Uint8Array>, text: string): Promise<void> {
  await ReadableStream.from([new TextEncoder().encode(text)]).pipeTo(stdin).catch(() => {});
}

/** Why Jupyter failed, from the end of what it said. */
function reasonOf(last: readonly string[], cell: number, cellSeconds: number): string {
  if (last.some((line) => line.includes("CellTimeoutError"))) {
    return `cell [${cell}] takes longer than ${cellSeconds} s`;
  }
  const reason = last.findLast((line) => /^[\w.]+: \S/.test(line)) ?? last.at(-1) ?? "no reason";
  return `Jupyter failed at cell [${cell}]: ${reason}`;
}

/** Starts Jupyter. It rejects where there is none. */
function jupyter(
  args: string[],
  options: Pick<Deno.CommandOptions, "cwd" | "env" | "signal" | "stdin"> = {},
): Promise<Deno.ChildProcess> {
  const command = { stdin: "null", ...options, args, stdout: "null", stderr: "piped" } as const;
  return Promise.try(() => new Deno.Command("jupyter", command).spawn());
}
