import { dirname } from "node:path";
import { besideThis, executeNotebook, installKernel, requireJupyter } from "./jupyter.ts";
import { normalForm } from "./normal_form.ts";
import {
  type Cell,
  codeCells,
  type Notebook,
  readNotebook,
  writeNotebook,
} from "./notebook_file.ts";
import { errorsOf } from "./output_problems.ts";
import type { ReturnedRow } from "./returned.ts";
import { makeFolder } from "../files/make_folder.ts";
import {
  type Parameter,
  parameterNamed,
  parametersOf,
  type ParameterValue,
  valueLike,
  withParameters,
} from "./parameters.ts";

/** Values for some parameters of a notebook. */
export type Setting = ReadonlyMap<Parameter, ParameterValue>;

/** The tag of the cell whose value a notebook returns; without one it is the last that runs. */
const resultTag = "result";

/** A notebook with its parameters, and the settings that it is to be executed with. */
export interface PlannedRuns {
  readonly path: string;
  readonly notebook: Notebook;
  readonly settings: readonly Setting[];
}

/**
 * Reads a notebook, and checks what its parameters are to be.
 *
 * @param set `name=value` each, which hold in all runs.
 * @param sweep `name=value,value` each: one run for every combination of them.
 * @throws {TypeError | RangeError} if there is no such parameter, or a value is of another type than the notebook's.
 */
export async function planRuns(
  path: string,
  { set = [], sweep = [] }: {
    readonly set?: readonly string[];
    readonly sweep?: readonly string[];
  },
): Promise<PlannedRuns> {
  const notebook = await readNotebook(path);
  const parameters = set.length + sweep.length > 0 ? parametersOf(notebook, path) : [];
  const split = (given: string): [Parameter, string] => {
    const at = given.indexOf("=");
    if (at < 1) throw new TypeError(`'${given}' sets no parameter: write name=value`);
    return [parameterNamed(given.slice(0, at), parameters, path), given.slice(at + 1)];
  };
  const fixed = new Map(set.map((given) => {
    const [parameter, text] = split(given);
    return [parameter, valueLike(parameter, text)];
  }));
  let settings: Setting[] = [fixed];
  for (const given of sweep) {
    const [parameter, text] = split(given);
    if (fixed.has(parameter)) {
      throw new TypeError(`'${parameter.name}' is both set and swept: give one of the two`);
    }
    const values = splitValues(text).map((each) => valueLike(parameter, each));
    settings = settings.flatMap((setting) =>
      values.map((value) => new Map([...setting, [parameter, value]]))
    );
  }
  return { path, notebook, settings };
}

/** Values between commas, of which those in brackets separate none. */
function splitValues(text: string): string[] {
  return text.split(/,(?![^[]*\])/).map((each) => each.trim());
}

/** What a setting is called: `beta=30,regularizer=0`. */
export function settingName(setting: Setting): string {
  return [...setting].map(([{ name }, value]) =>
    `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`
  ).join(",");
}

/** Names of files for the copies of a sweep, which tell them apart. */
export function copyNames(settings: readonly Setting[]): string[] {
  const names = settings.map((setting) =>
    settingName(setting).replaceAll(/[^\w.=,+-]+/g, "_").slice(0, 200)
  );
  return names.map((name, i) => (names.indexOf(name) < i ? `${name}-${i + 1}` : name) + ".ipynb");
}

/** How one run went. */
export interface RunWithParameters {
  readonly setting: Setting;
  /** What it returned, in rows; none where a cell threw. */
  readonly rows: readonly ReturnedRow[];
  /** What the first cell that threw said. */
  readonly error?: string;
}

/** How notebooks are executed. */
export interface RunOptions {
  /** Where the executed copy of each setting goes. */
  readonly outs: readonly string[];
  readonly cellSeconds: number;
  readonly onCell?: (setting: Setting, cell: number, cells: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Executes copies of a notebook with other values for its parameters, and writes each with its outputs. The cells after one that
 * threw run as well: their outputs are in the copy.
 *
 * @throws {Error} if there is no Jupyter, a cell takes too long, or a copy cannot be written.
 */
export async function* runWithParameters(
  { path, notebook, settings }: PlannedRuns,
  { outs, cellSeconds, onCell, signal }: RunOptions,
): AsyncGenerator<RunWithParameters, void, undefined> {
  await requireJupyter();
  const folder = await Deno.makeTempDir({ prefix: "armature-notebook-" });
  try {
    await installKernel(folder);
    for (const [i, setting] of settings.entries()) {
      const changed = setting.size > 0 ? withParameters(notebook, setting) : notebook;
      const cells = codeCells(changed).length;
      const execution = await executeNotebook(withReturned(changed), {
        folder,
        cwd: dirname(path),
        cellSeconds,
        onCell: (cell) => onCell?.(setting, Math.min(cell, cells), cells),
        signal,
      });
      const executed = normalForm(execution.notebook, execution.madeOn);
      const own = { ...executed, cells: executed.cells.filter(({ id }) => id !== returnedId) };
      await makeFolder(dirname(outs[i]));
      await writeNotebook(outs[i], own);
      const error = errorIn(own);
      yield {
        setting,
        rows: error ? [] : returnedBy(executed),
        ...(error ? { error } : {}),
      };
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const returnedId = "armature-returned";

/** A notebook with a cell that shows what it returns, behind the cell whose value that is. */
function withReturned(notebook: Notebook): Notebook {
  const { cells } = notebook;
  const tagged = cells.findIndex(({ metadata }) => metadata.tags?.includes(resultTag));
  const last = cells.findLastIndex(({ cell_type }) => cell_type === "code");
  const shows: Cell = {
    cell_type: "code",
    id: returnedId,
    metadata: {},
    source: `(await import(${JSON.stringify(besideThis("returned"))})).returned()`,
    outputs: [],
    execution_count: null,
  };
  return { ...notebook, cells: cells.toSpliced((tagged < 0 ? last : tagged) + 1, 0, shows) };
}

function returnedBy({ cells }: Notebook): readonly ReturnedRow[] {
  const [output] = cells.find(({ id }) => id === returnedId)?.outputs ?? [];
  return output && "data" in output ? output.data["application/json"] as ReturnedRow[] : [];
}

/** The first error among the outputs of a notebook. */
function errorIn(notebook: Notebook): string | undefined {
  return codeCells(notebook).flatMap((cell, i) =>
    errorsOf(cell).map((error) => `cell [${i + 1}] ${error}`)
  ).at(0);
}
