import { describe, shown } from "./describe.ts";
import { isInRange } from "./in_range.ts";
import { nearestName } from "./nearest_name.ts";
import type { Kind, NumberKind, OptionTable, SettledOptions, ValueOf } from "./option.ts";

/**
 * Checks what a public function was given against its table, and puts the defaults in place. An option that is
 * undefined is one that was not given.
 *
 * @param caller the function's name, for errors.
 * @throws {TypeError} one sentence, for an unknown name (with the nearest right one), a wrong type, or an option that is
 *   missing.
 * @throws {RangeError} one sentence, for a value out of range, or a word that is not among the choices.
 */
export function settle<const Table extends OptionTable>(
  caller: string,
  table: Table,
  options: unknown,
): SettledOptions<Table> {
  return settleAny(caller, table, options) as SettledOptions<Table>;
}

/** The same with a table that is known only when the program runs. */
export function settleAny(
  caller: string,
  table: OptionTable,
  options: unknown,
): Readonly<Record<string, unknown>> {
  checkTable({ caller, path: "" }, table, options === undefined ? {} : options);
  const settled: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(table)) {
    const value = (options as Record<string, unknown> | undefined)?.[name] ?? option.default;
    if (value !== undefined) settled[name] = value;
  }
  return settled;
}

/**
 * Checks an argument that is not among the options.
 *
 * @throws {TypeError} one sentence, for a wrong type or an argument that is missing.
 * @throws {RangeError} one sentence, for a value out of range.
 */
export function checkArgument<const K extends Kind>(
  caller: string,
  name: string,
  kind: K,
  value: unknown,
): asserts value is ValueOf<K> {
  if (value === undefined) {
    throw new TypeError(`${caller} needs '${name}': give ${describe(kind)}.`);
  }
  checkValue({ caller, path: name }, kind, value);
}

/** Where a value stands. */
interface Place {
  readonly caller: string;
  /** Names that lead to it; empty for the options themselves. */
  readonly path: string;
}

function checkTable(place: Place, table: OptionTable, options: unknown): void {
  const { caller, path } = place;
  if (!isPlain(options)) {
    throw new TypeError(
      path === ""
        ? `${caller} takes an object of options as its last argument, not ${shown(options)}.`
        : `${caller}: '${path}' must be ${describe({ type: "options", of: table })}, not ${
          shown(options)
        }.`,
    );
  }
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(table, name)) throw new TypeError(unknownName(place, table, name));
  }
  for (const [name, option] of Object.entries(table)) {
    const value = (options as Record<string, unknown>)[name];
    const full = path === "" ? name : `${path}.${name}`;
    if (value !== undefined) checkValue({ caller, path: full }, option, value);
    else if (option.required) {
      throw new TypeError(
        `${caller} needs the option '${full}', ${option.help}: give ${describe(option)}.`,
      );
    }
  }
}

function unknownName({ caller, path }: Place, table: OptionTable, name: string): string {
  const where = path === "" ? "" : ` in '${path}'`;
  const nearest = nearestName(name, table);
  if (nearest === undefined) {
    return `${caller} has no option '${name}'${where}; there are ${Object.keys(table).join(", ")}.`;
  }
  return table[nearest].former?.includes(name)
    ? `${caller} has no option '${name}'${where}: it is called '${nearest}'.`
    : `${caller} has no option '${name}'${where}: did you mean '${nearest}'?`;
}

/** An object literal: not a list, and no instance of a class (a Map, an AbortSignal), whose options would be none at all. */
function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function checkValue(place: Place, kind: Kind, value: unknown): void {
  switch (kind.type) {
    case "number":
    case "integer":
      return checkNumber(place, kind, value);
    case "boolean":
      return checkType(place, kind, value, typeof value === "boolean");
    case "text":
      return checkType(place, kind, value, typeof value === "string");
    case "choice":
      checkType(place, kind, value, typeof value === "string");
      if (!kind.of.includes(value as string)) throw new RangeError(wrong(place, kind, value));
      return;
    case "list": {
      checkType(place, kind, value, Array.isArray(value));
      const { length } = value as unknown[];
      if (kind.length !== undefined ? length !== kind.length : kind.empty === false && !length) {
        throw new RangeError(wrong(place, kind, value));
      }
      for (const [i, element] of (value as unknown[]).entries()) {
        checkValue({ ...place, path: `${place.path}[${i}]` }, kind.of, element);
      }
      return;
    }
    case "options":
      return checkTable(place, kind.of, value);
    case "value":
      return checkType(place, kind, value, kind.is(value));
    case "either": {
      const problems: Error[] = [];
      for (const each of kind.of) {
        try {
          return checkValue(place, each, value);
        } catch (problem) {
          problems.push(problem as Error);
        }
      }
      // a kind whose type is right says more than that nothing fits
      throw problems.find((problem) => problem instanceof RangeError) ??
        new TypeError(wrong(place, kind, value));
    }
  }
}

function checkNumber(place: Place, kind: NumberKind, value: unknown): void {
  checkType(place, kind, value, typeof value === "number");
  if (!isInRange(kind, value as number)) throw new RangeError(wrong(place, kind, value));
}

function checkType(place: Place, kind: Kind, value: unknown, isRight: boolean): void {
  if (!isRight) throw new TypeError(wrong(place, kind, value));
}

function wrong({ caller, path }: Place, kind: Kind, value: unknown): string {
  return `${caller}: '${path}' must be ${describe(kind)}, not ${shown(value)}.`;
}
