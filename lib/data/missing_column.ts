import { extname } from "node:path";

/** What stands between the cells of a file, by the ending of its name. */
const separators: Readonly<Record<string, string>> = { ".csv": ",", ".tsv": "\t" };

/**
 * The error for columns that a table does not have.
 *
 * @param names of columns, one of which had to be there.
 * @param columns names of those that are.
 */
export function missingColumn(
  path: string,
  names: readonly string[],
  columns: readonly string[],
): Error {
  const wanted = quoted(names).join(" or ");
  return new Error(
    `Cannot read '${path}': it has no column ${wanted}, so ${remedyOf(path, columns)}`,
  );
}

function remedyOf(path: string, columns: readonly string[]): string {
  const kind = extname(path).toLowerCase();
  const wants = separators[kind];
  const has = columns.length === 1 &&
    ["\t", ";", ","].find((mark) => mark !== wants && columns[0].includes(mark));
  return wants && has
    ? `save it with ${nameOf(wants)} between its cells, as ${kind} has them, in place of ${
      nameOf(has)
    }`
    : `name one of those it has: ${quoted(columns).join(", ")}`;
}

function nameOf(mark: string): string {
  return { "\t": "tabs", ";": "semicolons", ",": "commas" }[mark] ?? mark;
}

function quoted(names: readonly string[]): string[] {
  return names.map((name) => `'${name}'`);
}
