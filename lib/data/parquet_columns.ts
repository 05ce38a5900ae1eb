import pl, { type Expr } from "nodejs-polars";

/** The columns of a Parquet file that hold values, with the paths of fields within structs, such as `prompt.text`. */
export class ParquetColumns {
  /** Their names, in the order of the file. */
  readonly names: readonly string[];
  readonly #path: string;
  readonly #kinds = new Map<string, pl.DataType | undefined>();

  /** @throws {Error} of Polars, if the file is not Parquet. */
  constructor(path: string) {
    this.#path = path;
    const names: string[] = [];
    for (const column of pl.scanParquet(path).columns) {
      const kind = kindOf(path, column);
      this.#kinds.set(column, kind);
      names.push(...leaves(column, kind));
    }
    this.names = names;
  }

  /** A column as texts and numbers: what SQL engines write as bytes is a text, decimals are numbers, categories their names. */
  expression(name: string): Expr {
    const kind = this.#kinds.get(name);
    if (this.#kinds.has(name)) return converted(pl.col(name), kind).alias(name);
    const column = [...this.#kinds.keys()].find((each) => name.startsWith(`${each}.`))!;
    let [field, type]: [Expr, pl.DataType | undefined] = [
      pl.col(column),
      this.#kinds.get(column),
    ];
    for (const part of name.slice(column.length + 1).split(".")) {
      field = field.struct.field(part);
      type = fieldsOf(type).find((each) => each.name === part)?.dtype;
    }
    return converted(field, type).alias(name);
  }

  /** The rows from `start` on, no more than `count`. @throws {SyntaxError} naming the column that cannot be read. */
  read(names: readonly string[], start: number, count: number): ArrayLike<unknown>[] {
    const frame = pl.scanParquet(this.#path);
    return names.map((name) => {
      try {
        return frame.select(this.expression(name)).slice(start, count).collectSync()
          .getColumn(name).toArray();
      } catch (cause) {
        const [reason] = (cause as Error).message.split("\n");
        throw new SyntaxError(
          `Cannot read '${this.#path}': column '${name}' holds neither texts nor numbers (${reason}), so name another ` +
            "column or convert this one",
          { cause },
        );
      }
    });
  }

  /** How many rows there are. */
  get height(): number {
    return Number(
      pl.scanParquet(this.#path).select(pl.len()).collectSync().getColumn("len").get(0),
    );
  }
}

/** The type of a column; undefined for bytes, for which Polars has none in JavaScript. */
function kindOf(path: string, column: string): pl.DataType | undefined {
  try {
    return pl.scanParquet(path).select(pl.col(column)).slice(0, 0).collectSync()
      .getColumn(column).dtype;
  } catch {
    return undefined;
  }
}

function converted(column: Expr, kind: pl.DataType | undefined): Expr {
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

function leaves(name: string, kind: pl.DataType | undefined): string[] {
  const fields = fieldsOf(kind);
  if (fields.length === 0) return [name];
  return fields.flatMap((field) => leaves(`${name}.${field.name}`, field.dtype));
}

function fieldsOf(kind: pl.DataType | undefined): readonly pl.Field[] {
  if (kind?.variant !== "Struct") return [];
  return (kind as unknown as { fields: readonly pl.Field[] }).fields;
}
