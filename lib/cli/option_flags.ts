import {
  type CommandUnknownOpts,
  InvalidArgumentError,
  Option as Flag,
} from "@commander-js/extra-typings";
import { describe } from "../options/describe.ts";
import { isInRange } from "../options/in_range.ts";
import type { Kind, NumberKind, Option, OptionsOf, OptionTable } from "../options/option.ts";

/** Which of a table's options become flags. Default: all that a text can give. */
export interface FlagChoice<Table extends OptionTable> {
  readonly only?: readonly (keyof Table & string)[];
  readonly except?: readonly (keyof Table & string)[];
}

/**
 * Gives a command the flags of a function's options: `learningRate` is `--learning-rate`, a boolean that is true by default
 * `--no-…`. A list is given at once, `--label a b`; where the command has arguments of its own, which would be taken for more
 * of the list, one by one, `--label a --label b`. Former names stay flags that help does not show.
 */
export function addFlags<const Table extends OptionTable>(
  command: CommandUnknownOpts,
  table: Table,
  choice: FlagChoice<Table> = {},
): void {
  for (const [name, option] of chosen(table, choice)) {
    const flag = flagOf(name, option);
    const isRepeated = command.registeredArguments.length > 0;
    command.addOption(shownFlag(flag, option, isRepeated));
    for (const former of option.former ?? []) {
      command.addOption(makeFlag(kebab(former), option, isRepeated).hideHelp());
    }
  }
}

/**
 * What the user gave of a table's options, to be handed to its function, which knows the defaults.
 *
 * An option that is missing, or given under two names, ends the command as any wrong usage does.
 */
export function givenOptions<const Table extends OptionTable>(
  command: CommandUnknownOpts,
  table: Table,
  choice: FlagChoice<Table> = {},
): Partial<OptionsOf<Table>> {
  const given: Record<string, unknown> = {};
  for (const [name, option] of chosen(table, choice)) {
    const flag = flagOf(name, option);
    const used = [flag, ...(option.former ?? []).map(kebab)].filter((each) =>
      command.getOptionValueSource(attribute(each, option)) === "cli"
    );
    if (used.length > 1) {
      command.error(
        `error: option '${written(used[1], option)}' is the former name of '${
          written(flag, option)
        }': give one of them`,
      );
    }
    if (used.length === 1) given[name] = command.getOptionValue(attribute(used[0], option));
    else if (option.required) {
      command.error(`error: required option '${shownFlag(flag, option).flags}' not specified`);
    }
    const { of: kind, length } = option as { of?: Kind; length?: number };
    if (length !== undefined && kind !== undefined && used.length === 1) {
      if ((given[name] as unknown[]).length !== length) {
        command.error(`error: option '${written(flag, option)}' takes ${length} values`);
      }
    }
  }
  return given as Partial<OptionsOf<Table>>;
}

/** The flag of an option, as a user writes it: `--no-baseline`, `--top-k`. */
export function flagName(name: string, option: Option): string {
  return written(flagOf(name, option), option);
}

/** Whether a text can give it. */
export function hasFlag(option: Option): boolean {
  return option.flag !== false && isTextual(option);
}

function isTextual(kind: Kind): boolean {
  switch (kind.type) {
    case "value":
      return kind.parse !== undefined;
    case "options":
      return kind.textual === true;
    case "list":
      return isTextual(kind.of);
    case "either":
      return kind.of.some(isTextual);
    default:
      return true;
  }
}

function chosen<Table extends OptionTable>(
  table: Table,
  { only, except = [] }: FlagChoice<Table>,
): [string, Option][] {
  return Object.entries(table).filter(([name, option]) =>
    hasFlag(option) && (only?.includes(name) ?? true) && !except.includes(name)
  );
}

function shownFlag(flag: string, option: Option, isRepeated = false): Flag {
  const made = makeFlag(flag, option, isRepeated);
  const { default: value, defaultHelp } = option;
  if (option.type === "boolean" || (value === undefined && defaultHelp === undefined)) return made;
  const words = Array.isArray(value) ? value.join(" ") : String(value);
  // as help alone: where nothing is given, the function knows what holds
  made.description += ` (default: ${defaultHelp ?? words})`;
  return made;
}

function makeFlag(flag: string, option: Option, isRepeated: boolean): Flag {
  const { help } = option;
  if (option.type === "boolean") {
    return new Flag(written(flag, option), option.default === true ? `without ${help}` : help);
  }
  const words = choices(option);
  const list = option.type === "list";
  const placeholder = option.placeholder ?? placeholderOf(list ? option.of : option);
  const what = list && isRepeated ? `${help}; may be repeated` : help;
  const made = new Flag(
    `--${flag} <${placeholder}${list && !isRepeated ? "..." : ""}>`,
    words === undefined ? what : `${what} (choices: ${words.join(", ")})`,
  );
  return list
    ? made.argParser((text: string, before?: unknown[]) => [
      ...(before ?? []),
      parsed(option.of, text),
    ])
    : made.argParser((text: string) => parsed(option, text));
}

function choices(kind: Kind): readonly string[] | undefined {
  if (kind.type === "list") return choices(kind.of);
  return kind.type === "choice" ? kind.of : undefined;
}

function placeholderOf(kind: Kind): string {
  switch (kind.type) {
    case "integer":
      return "n";
    case "number":
      return "x";
    default:
      return "name";
  }
}

/** @throws {InvalidArgumentError} if a text is none of the kind. */
function parsed(kind: Kind, text: string): unknown {
  switch (kind.type) {
    case "number":
    case "integer":
      return parsedNumber(kind, text);
    case "choice":
      if (kind.of.includes(text)) return text;
      throw new InvalidArgumentError(`give ${describe(kind)}`);
    case "value":
      try {
        return kind.parse!(text);
      } catch (error) {
        throw new InvalidArgumentError((error as Error).message);
      }
    case "either":
      for (const each of kind.of.filter(isTextual)) {
        try {
          return parsed(each, text);
        } catch {
          // the next kind may take it
        }
      }
      throw new InvalidArgumentError(`give ${describe(kind)}`);
    case "options":
      return Object.fromEntries(text.split(",").map((setting) => parsedSetting(kind.of, setting)));
    case "list":
      return text.split("+").map((element) => parsed(kind.of, element));
    case "boolean":
      if (text === "true" || text === "false") return text === "true";
      throw new InvalidArgumentError("give true or false");
    default:
      return text;
  }
}

/** One of the options inside of an option, `name=value`. */
function parsedSetting(table: OptionTable, setting: string): [name: string, value: unknown] {
  const [, written, text] = /^([^=]+)=(.*)$/.exec(setting) ?? [];
  const given = written?.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
  const [name, option] =
    Object.entries(table).find(([name, { former = [] }]) =>
      name === given || former.includes(given)
    ) ?? [];
  if (name === undefined || option === undefined) {
    throw new InvalidArgumentError(
      `give settings as name=value, of ${Object.keys(table).join(", ")}`,
    );
  }
  try {
    return [name, parsed(option, text)];
  } catch (error) {
    throw new InvalidArgumentError(`${name}: ${(error as Error).message}`);
  }
}

function parsedNumber(kind: NumberKind, text: string): number {
  const form = kind.type === "integer" ? /^[-+]?\d+$/ : /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;
  const value = form.test(text) ? Number(text) : NaN;
  if (isInRange(kind, value)) return value;
  throw new InvalidArgumentError(`give ${describe(kind)}`);
}

function flagOf(name: string, option: Option): string {
  return typeof option.flag === "string" ? option.flag : kebab(name);
}

function written(flag: string, option: Option): string {
  const isNegated = option.type === "boolean" && option.default === true;
  return isNegated ? `--no-${flag}` : `--${flag}`;
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** What commander calls it. */
function attribute(flag: string, option: Option): string {
  return new Flag(written(flag, option)).attributeName();
}
