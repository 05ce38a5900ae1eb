import { assembleLists, assembleNested } from "hyparquet/src/assemble.js";
import { DEFAULT_PARSERS } from "hyparquet/src/convert.js";
import { getMaxDefinitionLevel } from "hyparquet/src/schema.js";
import type { DecodedArray, ParquetParsers, SchemaTree } from "hyparquet";
import { mostValues, sizeWithin } from "./bounds.ts";
import type { Footer, RowGroup } from "./footer.ts";
import { pagesOf } from "./page.ts";
import type { ColumnDecoder } from "./page_values.ts";
import { BrokenParquet, UnreadParquet } from "./parquet_error.ts";

/** A column as it is asked for: a value or a list, or one within structs, by its path. */
export interface Column {
  /** Its name, or the path to it, such as `prompt.text`. */
  readonly name: string;
  /** The node of the schema right below the root. */
  readonly top: SchemaTree;
  /** The indices of the leaves of which it is made: one, if it is neither a list nor within one. */
  readonly leaves: readonly number[];
  /** Whether its values are those of its one leaf. */
  readonly isFlat: boolean;
}

/** Kinds of values that neither are texts and numbers nor are made of them. */
const unreadKinds = ["BSON", "INTERVAL", "VARIANT", "GEOMETRY", "GEOGRAPHY"];

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function textOf(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new BrokenParquet("a text is not UTF-8", { cause });
  }
}

const parsers: ParquetParsers = {
  ...DEFAULT_PARSERS,
  stringFromBytes: textOf,
  jsonFromBytes: textOf,
};

/** The columns of a file, in the order of its schema. */
export function columnsOf({ root, leaves }: Footer): Column[] {
  const indices = new Map(leaves.map((path, index) => [path[path.length - 1], index]));
  const within = (node: SchemaTree): number[] =>
    node.children.length === 0 ? [indices.get(node)!] : node.children.flatMap(within);
  const columns = (node: SchemaTree, top: SchemaTree): Column[] => {
    const { element: { converted_type, logical_type, repetition_type }, children, path } = node;
    const isStruct = children.length > 0 && converted_type === undefined &&
      logical_type === undefined && repetition_type !== "REPEATED";
    if (isStruct) return children.flatMap((child) => columns(child, top));
    const isFlat = children.length === 0 && repetition_type !== "REPEATED";
    return [{ name: path.join("."), top, leaves: within(isFlat ? node : top), isFlat }];
  };
  return root.children.flatMap((top) => columns(top, top));
}

/** @throws {UnreadParquet} if a column holds what is not read. */
export function checkKind({ name, leaves: indices }: Column, { leaves }: Footer) {
  for (const { element } of indices.flatMap((index) => leaves[index])) {
    const kind = [element.converted_type, element.logical_type?.type]
      .find((kind) => kind && unreadKinds.includes(kind));
    if (kind !== undefined) {
      throw new UnreadParquet(
        `column '${name}' holds neither texts nor numbers (${kind}), so name another column or convert this one`,
      );
    }
  }
}

/** A row group's chunks, and what was made of them. */
export class GroupValues {
  readonly #footer: Footer;
  readonly #group: RowGroup;
  readonly #chunks: ReadonlyMap<number, Uint8Array>;
  readonly #nested = new Map<SchemaTree, readonly unknown[]>();

  /** @param chunks the bytes of the leaves that are read, by their indices. */
  constructor(footer: Footer, group: RowGroup, chunks: ReadonlyMap<number, Uint8Array>) {
    this.#footer = footer;
    this.#group = group;
    this.#chunks = chunks;
  }

  /** The values of a column; null where there is none. @throws {BrokenParquet} if there are not as many as rows. */
  of({ name, top, leaves, isFlat }: Column): Iterable<unknown> {
    const { rows } = this.#group;
    if (isFlat) {
      return flatValues(this.#chunks.get(leaves[0])!, this.#decoder(leaves[0]), rows);
    }
    let values = this.#nested.get(top);
    if (values === undefined) {
      values = nestedValues(
        top,
        leaves.map((index) => [this.#chunks.get(index)!, this.#decoder(index)]),
        rows,
      );
      this.#nested.set(top, values);
    }
    const within = name.split(".").slice(1);
    return values.map((value) =>
      within.reduce((at, part) => (at as Record<string, unknown> | null)?.[part], value) ?? null
    );
  }

  #decoder(index: number): ColumnDecoder {
    const path = this.#footer.leaves[index];
    const { element, path: pathInSchema } = path[path.length - 1];
    const { type, codec } = this.#group.chunks[index].metadata;
    return { pathInSchema, type, element, schemaPath: [...path], codec, parsers };
  }
}

function* flatValues(bytes: Uint8Array, decoder: ColumnDecoder, rows: number): Generator<unknown> {
  const highest = getMaxDefinitionLevel(decoder.schemaPath);
  let left = rows;
  for (const { count, definitionLevels, values } of pagesOf(bytes, decoder, rows)) {
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

/** Lists and what is in them, of the whole row group at once. */
function nestedValues(
  top: SchemaTree,
  leaves: readonly (readonly [bytes: Uint8Array, decoder: ColumnDecoder])[],
  rows: number,
): readonly unknown[] {
  const parts = new Map<string, DecodedArray>();
  for (const [bytes, decoder] of leaves) {
    const most = mostValues(bytes.length);
    const lists: unknown[] = [];
    let total = 0;
    for (const page of pagesOf(bytes, decoder, most)) {
      const { count, definitionLevels, repetitionLevels, values } = page;
      total += sizeWithin(count, most - total);
      if (count === 0) continue;
      const repetitions = Array.from(repetitionLevels ?? new Uint8Array(count));
      const definitions = definitionLevels && Array.from(definitionLevels);
      assembleLists(lists, definitions, repetitions, values, decoder.schemaPath);
    }
    parts.set(decoder.pathInSchema.join("."), lists);
  }
  if (top.children.length > 0) assembleNested(parts, top, parsers);
  const values = Array.from(parts.get(top.element.name) ?? []);
  if (values.length !== rows) throw new BrokenParquet("a column has not as many lists as rows");
  return values;
}
