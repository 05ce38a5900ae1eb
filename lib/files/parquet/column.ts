import { assembleLists, assembleNested } from "hyparquet/src/assemble.js";
import { DEFAULT_PARSERS } from "hyparquet/src/convert.js";
import { getMaxDefinitionLevel, getMaxRepetitionLevel } from "hyparquet/src/schema.js";
import type { DecodedArray, ParquetParsers, SchemaTree } from "hyparquet";
import type { Budget } from "./budget.ts";
import type { Footer, RowGroup } from "./footer.ts";
import { type Page, pagesOf } from "./page.ts";
import { BrokenParquet, UnreadParquet } from "./parquet_error.ts";

/** A column as it is asked for: a value or a list, or one within structs, by its path. */
export interface Column {
  /** Its name, or the path to it, such as `prompt.text`. */
  readonly name: string;
  /** The node of the schema right below the root. */
  readonly top: SchemaTree;
  /** The names from it on down. */
  readonly within: readonly string[];
  /** The indices of the leaves of which it is made: one, if it is neither a list nor within one. */
  readonly leaves: readonly number[];
  /** Whether its values are those of its one leaf. */
  readonly isFlat: boolean;
}

/** Kinds of values that neither are texts and numbers nor are made of them. */
const unreadKinds = ["BSON", "INTERVAL", "VARIANT", "GEOMETRY", "GEOGRAPHY"];

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** How the values of a leaf become those of JavaScript. What is not said to be text may be other bytes. */
function parsersOf(
  { element: { name, converted_type, logical_type } }: SchemaTree,
): ParquetParsers {
  const textOf = (bytes: Uint8Array) => {
    try {
      return utf8.decode(bytes);
    } catch (cause) {
      if (converted_type !== undefined || logical_type !== undefined) {
        throw new BrokenParquet(`a text of column '${name}' is not UTF-8`, { cause });
      }
      throw neitherTextNorNumber(name, "BYTE_ARRAY");
    }
  };
  return { ...DEFAULT_PARSERS, stringFromBytes: textOf, jsonFromBytes: textOf };
}

function neitherTextNorNumber(name: string, kind: string): UnreadParquet {
  return new UnreadParquet(
    `column '${name}' holds neither texts nor numbers (${kind}), so name another column or convert this one`,
  );
}

/** The columns of a file, in the order of its schema. */
export function columnsOf({ root, leaves }: Footer): Column[] {
  const indices = new Map(leaves.map((path, index) => [path[path.length - 1], index]));
  const below = (node: SchemaTree): number[] =>
    node.children.length === 0 ? [indices.get(node)!] : node.children.flatMap(below);
  const columns = (node: SchemaTree, top: SchemaTree, all: readonly number[]): Column[] => {
    const { element: { converted_type, logical_type, repetition_type }, children, path } = node;
    const isStruct = children.length > 0 && converted_type === undefined &&
      logical_type === undefined && repetition_type !== "REPEATED";
    if (isStruct) return children.flatMap((child) => columns(child, top, all));
    const isFlat = children.length === 0 && repetition_type !== "REPEATED";
    const leaves = isFlat ? below(node) : all;
    return [{ name: path.join("."), top, within: path.slice(1), leaves, isFlat }];
  };
  return root.children.flatMap((top) => columns(top, top, below(top)));
}

/** @throws {UnreadParquet} if one of the columns holds what is not read. */
export function checkKinds(columns: readonly Column[], { leaves }: Footer) {
  const names = new Map(columns.map(({ name, leaves }) => [leaves, name]));
  for (const [indices, name] of names) {
    for (const { element } of indices.flatMap((index) => leaves[index])) {
      const kind = [element.converted_type, element.logical_type?.type]
        .find((kind) => kind && unreadKinds.includes(kind));
      if (kind !== undefined) throw neitherTextNorNumber(name, kind);
    }
  }
}

/** A row group's chunks, and what was made of them. */
export class GroupValues {
  readonly #footer: Footer;
  readonly #group: RowGroup;
  readonly #chunks: ReadonlyMap<number, Uint8Array>;
  readonly #budget: Budget;
  readonly #nested = new Map<SchemaTree, readonly unknown[]>();

  /**
   * @param chunks the bytes of the leaves that are read, by their indices.
   * @param budget what they may unfold to.
   */
  constructor(
    footer: Footer,
    group: RowGroup,
    chunks: ReadonlyMap<number, Uint8Array>,
    budget: Budget,
  ) {
    this.#footer = footer;
    this.#group = group;
    this.#chunks = chunks;
    this.#budget = budget;
  }

  /** The values of a column, one for each row; null where there is none. @throws {BrokenParquet} if there are others. */
  of({ top, within, leaves, isFlat }: Column): Iterable<unknown> {
    const { rows } = this.#group;
    if (isFlat) return flatValues(this.#pages(leaves[0]), this.#schemaPath(leaves[0]), rows);
    let values = this.#nested.get(top);
    if (values === undefined) {
      values = this.#nestedValues(top, leaves);
      if (values.length !== rows) {
        throw new BrokenParquet("a column has not as many lists as rows");
      }
      this.#nested.set(top, values);
    }
    return values.values().map((value) =>
      within.reduce((at, part) => (at as Record<string, unknown> | null)?.[part], value) ?? null
    );
  }

  #pages(leaf: number): Iterable<Page> {
    const schemaPath = this.#schemaPath(leaf);
    const node = schemaPath[schemaPath.length - 1];
    const { type, codec } = this.#group.chunks[leaf].metadata;
    const decoder = {
      ...{ type, codec, schemaPath, element: node.element, pathInSchema: node.path },
      parsers: parsersOf(node),
    };
    return pagesOf(this.#chunks.get(leaf)!, decoder, this.#budget);
  }

  #schemaPath(leaf: number): SchemaTree[] {
    return [...this.#footer.leaves[leaf]];
  }

  /** Lists and what is in them, of the whole row group at once. */
  #nestedValues(top: SchemaTree, leaves: readonly number[]): readonly unknown[] {
    const parts = new Map<string, DecodedArray>();
    for (const leaf of leaves) {
      const schemaPath = this.#schemaPath(leaf);
      const lists = listsOf(this.#pages(leaf), schemaPath, this.#budget);
      parts.set(schemaPath[schemaPath.length - 1].path.join("."), lists);
    }
    if (top.children.length > 0) assembleNested(parts, top, DEFAULT_PARSERS);
    return Array.from(parts.get(top.element.name) ?? []);
  }
}

function* flatValues(
  pages: Iterable<Page>,
  schemaPath: SchemaTree[],
  rows: number,
): Generator<unknown> {
  const highest = getMaxDefinitionLevel(schemaPath);
  let left = rows;
  for (const { count, definitionLevels, values } of pages) {
    left -= count;
    if (left < 0) break;
    if (definitionLevels === undefined) {
      yield* values;
      continue;
    }
    let at = 0;
    for (const level of definitionLevels) yield level === highest ? values[at++] : null;
  }
  if (left !== 0) throw new BrokenParquet("a column has not as many values as rows");
}

/** What a list takes in memory, in bytes, however short it is; and a place in it. */
const [listBytes, placeBytes] = [170, 48];

/** The values of a leaf in its lists, as deep as its levels go. A list may begin on one page and end on another. */
function listsOf(pages: Iterable<Page>, schemaPath: SchemaTree[], budget: Budget): DecodedArray {
  const highest = getMaxDefinitionLevel(schemaPath);
  const innermost = getMaxRepetitionLevel(schemaPath);
  const lastList = schemaPath.findLastIndex(({ element }) =>
    element.repetition_type === "REPEATED"
  );
  const below = getMaxDefinitionLevel(schemaPath.slice(Math.max(0, lastList)));
  const values: unknown[] = [];
  const definitions: number[] = [];
  const repetitions: number[] = [];
  for (const page of pages) {
    for (let i = 0; i < page.count; i++) {
      const repetition = page.repetitionLevels?.[i] ?? 0;
      // one that goes on the innermost list begins only what is within it
      const isNew = repetition < innermost || innermost === 0;
      budget.charge(placeBytes + listBytes * (isNew ? highest : below));
      repetitions.push(repetition);
      definitions.push(page.definitionLevels?.[i] ?? highest);
    }
    for (const value of page.values) values.push(value);
  }
  if (repetitions.length === 0) return [];
  return assembleLists([], definitions, repetitions, values, schemaPath);
}
