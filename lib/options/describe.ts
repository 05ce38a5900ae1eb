import type { Kind, ListKind, NumberKind } from "./option.ts";

/** What a kind allows, with its article: "a whole number from 1 up", "a list of texts". */
export function describe(kind: Kind): string {
  switch (kind.type) {
    case "number":
    case "integer":
      return `a ${kind.type === "integer" ? "whole number" : "number"}${range(kind)}`;
    case "boolean":
      return "true or false";
    case "text":
      return "a text";
    case "choice":
      return kind.of.length === 1 ? `"${kind.of[0]}"` : `one of ${kind.of.join(", ")}`;
    case "list":
      return `a list${howMany(kind)}, each ${describe(kind.of)}`;
    case "options":
      return `an object with ${Object.keys(kind.of).join(", ")}`;
    case "value":
      return kind.what;
    case "either":
      return kind.of.map(describe).join(", or ");
  }
}

function howMany({ length, empty }: ListKind): string {
  if (length !== undefined) return ` of ${length}`;
  return empty === false ? " of one or more" : "";
}

function range({ min, max, above, below }: NumberKind): string {
  const [from, to] = [min ?? above, max ?? below];
  if (from !== undefined && to !== undefined) {
    const words = `${above === undefined ? "from" : "above"} ${from}`;
    return ` ${words} ${below === undefined ? "to" : "and below"} ${to}`;
  }
  if (from !== undefined) return above === undefined ? ` from ${from} up` : ` above ${from}`;
  if (to !== undefined) return below === undefined ? ` of at most ${to}` : ` below ${to}`;
  return "";
}

/** A value as an error shows it: short, and told from others of its look. */
export function shown(value: unknown): string {
  switch (typeof value) {
    case "string":
      return `the text "${shortened(value)}"`;
    case "bigint":
      return `${shortened(String(value))}n`;
    case "function":
      return "a function";
    case "object":
      if (value === null) return "null";
      if (Array.isArray(value)) return `a list of ${value.length}`;
      if (value instanceof Promise) return "a promise: await it first";
      return `an object${named(value)}`;
    default:
      return String(value);
  }
}

function named(value: object): string {
  const name = Object.getPrototypeOf(value)?.constructor?.name;
  return name === undefined || name === "Object" ? "" : ` (${name})`;
}

function shortened(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 39)}…`;
}
