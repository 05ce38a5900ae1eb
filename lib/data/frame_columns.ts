import type { DataFrame, DataType, Expr, Field } from "nodejs-polars";
import { type Polars, polars } from "./polars.ts";

/** The columns of a Polars frame that hold values, with the paths of fields within structs, such as `prompt.text`. */
export class FrameColumns {
  /** Their names, in the order of the frame. */
  readonly names: readonly string[];
  readonly #pl: Polars;
  readonly #frame: DataFrame;
  readonly #kinds = new Map<string, DataType | undefined>();

  /** Looks at the types of a frame's columns. */
  static async of(frame: DataFrame): Promise<FrameColumns> {
    return new FrameColumns(await polars(), frame);
  }

  private constructor(pl: Polars, frame: DataFrame) {
    this.#pl = pl;
    this.#frame = frame;
    const names: string[] = [];
    for (const column of frame.columns) {
      const kind = kindOf(frame, column);
      this.#kinds.set(column, kind);
      names.push(...leaves(column, kind));
    }
    this.names = names;
  }

  /** The values of a column: texts and numbers. @throws {SyntaxError} naming the column, if it holds neither. */
  read(name: string): ArrayLike<unknown> {
    try {
      return this.#frame.select(this.#expression(name)).getColumn(name).toArray();
    } catch (cause) {
      const [reason] = (cause as Error).message.split("\n");
      throw new SyntaxError(
        `Cannot read 'frame': column '${name}' holds neither texts nor numbers (${reason}), so name another ` +
          "column or convert this one",
        { cause },
      );
    }
  }

  /** A column as texts and numbers: what SQL engines write as bytes is a text, decimals are numbers, categories their names. */
  #expression(name: string): Expr {
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
}

/** The type of a column; undefined for bytes, for which Polars has none in JavaScript. */
function kindOf(frame: DataFrame, column: string): DataType | undefined {
  try {
    return frame.getColumn(column).dtype;
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
