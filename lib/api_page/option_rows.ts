import { describe } from "../options/describe.ts";
import type { Option, OptionTable } from "../options/option.ts";
import type { DocType, Documented } from "./documented.ts";

/** An option, or a property of a type, as the page has it. */
export interface OptionRow {
  readonly name: string;
  /** What it may be. */
  readonly what: string;
  /** What holds where nothing is given, or that it has to be given. */
  readonly fallback: string;
  readonly isOptional: boolean;
  readonly help: string;
}

/**
 * The options that a type has, with those that it inherits: from the table that it is made of, or from its declaration.
 *
 * @param symbols all that is documented, by name.
 * @throws {Error} if it inherits from what is not documented.
 */
export async function optionRows(
  type: Documented,
  symbols: ReadonlyMap<string, Documented>,
): Promise<OptionRow[]> {
  const rows = new Map<string, OptionRow>();
  const { def, kind } = type;
  const parents = kind === "interface"
    ? def.extends as DocType[] ?? []
    : def.tsType
    ? [def.tsType]
    : [];
  for (const parent of parents) {
    for (const row of await rowsOfType(parent, type, symbols)) rows.set(row.name, row);
  }
  for (const { name, optional, jsDoc } of def.properties ?? []) {
    rows.set(name, propertyRow(name, type.member(name), optional, jsDoc?.doc));
  }
  return [...rows.values()];
}

async function rowsOfType(
  type: DocType,
  from: Documented,
  symbols: ReadonlyMap<string, Documented>,
): Promise<OptionRow[]> {
  const rowsOf = (type: DocType) => rowsOfType(type, from, symbols);
  switch (type.kind) {
    case "parenthesized":
      return await rowsOf(type.value);
    case "intersection":
      return (await Promise.all((type.value as DocType[]).map(rowsOf))).flat();
    case "typeRef":
      break;
    default:
      return [];
  }
  const { typeName, typeParams = [], resolution } = type.value as {
    typeName: string;
    typeParams?: DocType[];
    resolution?: { kind: string };
  };
  const [of, names] = typeParams;
  switch (typeName) {
    case "OptionsOf":
      return await tableRows(from, of.repr!);
    case "Omit":
      return (await rowsOf(of)).filter(({ name }) => !wordsOf(names).includes(name));
    case "Pick":
      return (await rowsOf(of)).filter(({ name }) => wordsOf(names).includes(name));
    case "Partial":
    case "Readonly":
    case "Required":
      return await rowsOf(of);
  }
  // one of the language's own
  if (!resolution) return [];
  const parent = symbols.get(typeName);
  if (!parent) {
    throw new Error(
      `${from.name} has the options of ${typeName}, which mod.ts does not export: add it to lib/types.ts.`,
    );
  }
  return await optionRows(parent, symbols);
}

/** The rows of the table that a type is made of. */
async function tableRows({ name, module }: Documented, tableName: string): Promise<OptionRow[]> {
  const table = (await import(module))[tableName] as OptionTable | undefined;
  if (!table) throw new Error(`${name} is made of ${tableName}, which its module does not export.`);
  return Object.entries(table).map(([name, option]) => ({
    name,
    what: describe(option),
    fallback: fallbackOf(option),
    isOptional: !option.required,
    help: sentence(option.help),
  }));
}

function fallbackOf({ default: value, defaultHelp, required }: Option): string {
  if (required) return "required";
  if (defaultHelp !== undefined) return defaultHelp;
  return value === undefined ? "" : `\`${JSON.stringify(value)}\``;
}

/** A property says its default at the end of its comment. */
function propertyRow(
  name: string,
  declaration: string | undefined,
  optional = false,
  comment = "",
): OptionRow {
  const words = comment.replace(/@default \{(.*)\}/, "Default $1.").replaceAll("\n", " ").trim();
  const [, help, fallback] = words.match(/^(.*?)\s*\bDefault:? ([^]*?)\.?$/) ?? [, words, ""];
  return {
    name,
    what: `\`${declaration?.replace(/^.*?\??: /, "") ?? "…"}\``,
    fallback: fallback || (optional ? "" : "required"),
    isOptional: optional,
    help,
  };
}

/** The words of a union of literals. */
function wordsOf({ kind, repr, value }: DocType): string[] {
  return kind === "union" ? (value as DocType[]).flatMap(wordsOf) : [repr!];
}

function sentence(phrase: string): string {
  return `${phrase[0].toUpperCase()}${phrase.slice(1)}.`;
}
