import type { DataType, Expr, Field, LazyDataFrame } from "nodejs-polars";
import { type Polars, polars } from "./polars.ts";

/**
 * The columns of a Polars frame, or of a Parquet file, that hold values, with the paths of fields within structs, such as
 * `prompt.text`.
 */
export class FrameColumns {
  /** Their names, in the order of the frame. */
  readonly names: readonly string[];
  readonly #pl: Polars;
  readonly #name: string;
  readonly #scan: () => LazyDataFrame;
  readonly #kinds = new Map<string, DataType | undefined>();

  /**
   * @param name what errors call it.
   * @throws {Error} of Polars, if a file is not Parquet.
   */
  static async open(name: string, scan: (pl: Polars) => LazyDataFrame): Promise<FrameColumns> {
    const pl = await polars();
    return new FrameColumns(pl, name, () => scan(pl));
  }

  private constructor(pl: Polars, name: string, scan: () => LazyDataFrame) {
    this.#pl = pl;
    this.#name = name;
    this.#scan = scan;
    const names: string[] = [];
    for (const column of scan().columns) {
      const kind = kindOf(pl, scan(), column);
      this.#kinds.set(column, kind);
      names.push(...leaves(column, kind));
    }
    this.names = names;
  }

  /** A column as texts and numbers: what SQL engines write as bytes is a text, decimals are numbers, categories their names. */
  expression(name: string): Expr {
    const kind = this.#kinds.get(name);
    if (this.#kinds.has(name)) return converted(this.#pl, this.#pl.col(name), kind).alias(name);
    const column = [...this.#kinds.keys()].find((each) => name.startsWith(`${each}.`))!;
    let [field, type]: [Expr, DataType | undefined] = [
      this.#pl.col(column),
      this.#kinds.get(column),
    ];
    for (const part of name.slice(column.length + 1).split(".")) {
      field = field.struct.field(part);
      type = fieldsOf(type).find((each) => each.name === part)?.dtype;
    }
    return converted(this.#pl, field, type).alias(name);
  }

  /** The rows from `start` on, no more than `count`. @throws {SyntaxError} naming the column that cannot be read. */
  read(names: readonly string[], start: number, count: number): ArrayLike<unknown>[] {
    const frame = this.#scan();
    return names.map((name) => {
      try {
        return frame.select(this.expression(name)).slice(start, count).collectSync()
          .getColumn(name).toArray();
      } catch (cause) {
        const [reason] = (cause as Error).message.split("\n");
        throw new SyntaxError(
          `Cannot read '${this.#name}': column '${name}' holds neither texts nor numbers (${reason}), so name another ` +
            "column or convert this one",
          { cause },
        );
      }
    });
  }

  /** How many rows there are. */
  get height(): number {
    return Number(
      this.#scan().select(this.#pl.len()).collectSync().getColumn("len").get(0),
    );
  }
}

/** The type of a column; undefined for bytes, for which Polars has none in JavaScript. */
function kindOf(pl: Polars, frame: LazyDataFrame, column: string): DataType | undefined {
  try {
    return frame.select(pl.col(column)).slice(0, 0).collectSync()
      .getColumn(column).dtype;
  } catch {
    return undefined;
  }
}

function converted(pl: Polars, column: Expr, kind: DataType | undefined): Expr {
  if (kind === undefined) return column.cast(pl.Utf8);
  switch (kind.variant) {
    case "Decimal":
      return column.cast(pl.Float64);
    case "Categorical":
      return column.cast(pl.Utf8);
    default:
      return column;
  }
}

function leaves(name: string, kind: DataType | undefined): string[] {
  const fields = fieldsOf(kind);
  if (fields.length === 0) return [name];
  return fields.flatMap((field) => leaves(`${name}.${field.name}`, field.dtype));
}

function fieldsOf(kind: DataType | undefined): readonly Field[] {
  if (kind?.variant !== "Struct") return [];
  return (kind as unknown as { fields: readonly Field[] }).fields;
}
