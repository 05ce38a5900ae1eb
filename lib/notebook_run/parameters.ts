import { nearestName } from "../options/nearest_name.ts";
import { type Cell, type Notebook, textOf } from "./notebook_file.ts";

/** What a parameter of a notebook may be. */
export type ParameterValue = number | string | boolean | null | readonly ParameterValue[];

/** A parameter of a notebook, with what its file has for it. */
export interface Parameter {
  readonly name: string;
  /** How it is declared, which is how it has to be declared again. */
  readonly keyword: string;
  readonly value: ParameterValue;
}

/** The tags of papermill: the cell of a notebook's own values, and the one with those that were put in. */
const tags = { own: "parameters", injected: "injected-parameters" } as const;

const declaration = /^(const|let|var)\s+([A-Za-z_$][\w$]*)\s*(?::[^=]+)?=/;

/**
 * The parameters of a notebook: what its cell with the tag `parameters` declares, as `const beta = 30;` does, with numbers,
 * texts, truth values, `null` and lists of these.
 *
 * @param path how errors call it.
 * @throws {TypeError} if there is no such cell, or it does something else.
 */
export function parametersOf(notebook: Notebook, path: string): Parameter[] {
  const cell = notebook.cells.find((cell) => cell.metadata.tags?.includes(tags.own));
  if (cell?.cell_type !== "code") {
    throw new TypeError(
      `'${path}' takes no parameters: give the cell that declares them the tag '${tags.own}', as papermill has it`,
    );
  }
  return statementsOf(textOf(cell.source)).map((statement) => {
    const [declared, keyword, name] = declaration.exec(statement) ?? [];
    const value = declared && literal(statement.slice(declared.length));
    if (!keyword || !name || !value) {
      throw new TypeError(
        `'${path}' has '${
          statement.split("\n")[0]
        }' in its cell of parameters: declare values only there, as in 'const beta = 30;'`,
      );
    }
    return { name, keyword, value: value.value };
  });
}

/** The statements of a cell, each beginning a line of its own, without comments. */
function statementsOf(source: string): string[] {
  return source
    .split("\n")
    .map((line) => line.replace(/(^|;)\s*\/\/.*$/, "$1").trimEnd())
    .join("\n")
    .split(/\n(?=[\w$])/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== "");
}

/** The value that a literal of TypeScript stands for, if it is one that JSON has too. */
function literal(source: string): { readonly value: ParameterValue } | undefined {
  const json = source.trim()
    .replace(/;$/, "")
    .replace(/\s+as const$/, "")
    .trim()
    .replace(/,(\s*\])/g, "$1")
    .replace(/'([^'"\\\n]*)'/g, '"$1"')
    .replace(/^-?\d[\d_.]*$/, (number) => number.replace(/(?<=\d)_(?=\d)/g, ""));
  try {
    const value: unknown = JSON.parse(json);
    return isValue(value) ? { value } : undefined;
  } catch {
    return undefined;
  }
}

function isValue(value: unknown): value is ParameterValue {
  return Array.isArray(value) ? value.every(isValue) : value === null || typeof value !== "object";
}

/**
 * A copy of a notebook whose parameters have other values: those stand in a cell of their own behind the one that declares
 * them, tagged `injected-parameters`; what a former run put in is gone.
 */
export function withParameters(
  notebook: Notebook,
  values: ReadonlyMap<Parameter, ParameterValue>,
): Notebook {
  const injected: Cell = {
    cell_type: "code",
    id: tags.injected,
    metadata: { tags: [tags.injected] },
    source: [...values].map(([{ keyword, name }, value]) =>
      `${keyword} ${name} = ${JSON.stringify(value)};`
    ).join("\n"),
    outputs: [],
    execution_count: null,
  };
  const has = (cell: Cell, tag: string) => cell.metadata.tags?.includes(tag);
  return {
    ...notebook,
    cells: notebook.cells
      .filter((cell) => !has(cell, tags.injected))
      .flatMap((cell) => has(cell, tags.own) ? [cell, injected] : [cell]),
  };
}

/**
 * The parameter of a name.
 *
 * @param path how errors call the notebook.
 * @throws {RangeError} if there is none, with the name that may be meant.
 */
export function parameterNamed(
  name: string,
  parameters: readonly Parameter[],
  path: string,
): Parameter {
  const parameter = parameters.find((each) => each.name === name);
  if (parameter) return parameter;
  const names = parameters.map((each) => each.name);
  const nearest = nearestName(
    name,
    Object.fromEntries(names.map((each) => [each, { type: "text", help: "" }])),
  );
  const hint = nearest ? `is '${nearest}' meant?` : `it has ${names.join(", ")}`;
  throw new RangeError(`'${path}' has no parameter '${name}': ${hint}`);
}

/**
 * A value that was written on a command line, of the type that the parameter has in the notebook's file.
 *
 * @throws {TypeError} if it cannot be one.
 */
export function valueLike({ name, value: own }: Parameter, text: string): ParameterValue {
  if (typeof own === "string") return text;
  const value = literal(text)?.value;
  const [isLike, what] = typeof own === "boolean"
    ? [typeof value === "boolean", "true or false"]
    : typeof own === "number"
    ? [typeof value === "number", "a number"]
    : Array.isArray(own)
    ? [Array.isArray(value), "a list such as [1, 2]"]
    : [value !== undefined, "a number, true, false, null or a list"];
  if (isLike) return value!;
  throw new TypeError(
    `'${name}' must be ${what}, as in the notebook, which has ${
      JSON.stringify(own)
    }: '${text}' is none`,
  );
}
