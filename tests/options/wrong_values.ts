import type { Kind, Option, OptionTable } from "../../lib/options/option.ts";

/** A wrong way to give an option, and the kind of error that it has to end with. */
export interface Wrong {
  readonly name: string;
  readonly value: unknown;
  readonly error: "TypeError" | "RangeError";
  /** The right name, which the error has to say. */
  readonly nearest?: string;
}

/** Values of wrong types and out of range for each option of a table, and names that it does not have. */
export function wrongValues(table: OptionTable): Wrong[] {
  return [
    { name: "noSuchOption", value: 1, error: "TypeError" },
    { name: "__proto", value: 1, error: "TypeError" },
    ...Object.entries(table).flatMap(([name, option]) => [
      ...wrongTypes(option).map((value): Wrong => ({ name, value, error: "TypeError" })),
      ...outOfRange(option).map((value): Wrong => ({ name, value, error: "RangeError" })),
      ...misspelt(name, table).map((wrong): Wrong => ({
        name: wrong,
        value: 1,
        error: "TypeError",
        nearest: name,
      })),
    ]),
  ];
}

/** The name as Python writes it, and with a letter less. */
function misspelt(name: string, table: OptionTable): string[] {
  const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const cut = name.slice(0, -1);
  // as near to one as to the other
  const isShared = Object.keys(table).some((other) => other !== name && other.startsWith(cut));
  return (isShared ? [snake] : [snake, cut]).filter((each) => each.length > 1 && !(each in table));
}

/** One value of every type that an option might be mistaken to have, but for those that it has. */
function wrongTypes(kind: Option | Kind): unknown[] {
  const values = ["wrong", 7, true, null, [{}], () => {}, Promise.resolve(), 5n];
  return values.filter((value) => !mayBe(kind, value));
}

/** Whether a value is of a kind's type, in range or not. */
function mayBe(kind: Kind, value: unknown): boolean {
  switch (kind.type) {
    case "number":
    case "integer":
      return typeof value === "number";
    case "boolean":
      return typeof value === "boolean";
    case "text":
    case "choice":
      return typeof value === "string";
    case "list":
      // that it has another length is said first
      return Array.isArray(value) &&
        (kind.length !== undefined || value.every((each) => mayBe(kind.of, each)));
    case "options":
      return false;
    case "value":
      return kind.is(value);
    case "either":
      return kind.of.some((each) => mayBe(each, value));
  }
}

function outOfRange(kind: Kind): unknown[] {
  switch (kind.type) {
    case "number":
    case "integer": {
      const { type, min, max, above, below } = kind;
      const edges = [
        ...(min === undefined ? [] : [min - 1]),
        ...(max === undefined ? [] : [max + 1]),
        ...[above, below].filter((edge) => edge !== undefined),
        NaN,
        Infinity,
        ...(type === "integer" ? [(min ?? 0) + 0.5] : []),
      ];
      return edges.filter((edge) =>
        // a bound as large as the largest safe integer has no next one
        edge !== max && edge !== min
      );
    }
    case "choice":
      return ["no such word"];
    case "list":
      return [
        ...(kind.length === undefined ? [] : [[]]),
        ...(kind.empty === false ? [[]] : []),
        ...outOfRange(kind.of).slice(0, 1).map((element) => [element]).filter(() =>
          kind.length === undefined
        ),
      ];
    default:
      return [];
  }
}
