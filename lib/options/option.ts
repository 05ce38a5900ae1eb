/**
 * Options are values: what a public function takes is declared once, as a table of literals, and from it come the type
 * of its last argument, the check of what it is given, the flags and help of its command, and its page in the docs.
 *
 * A table is written `as const satisfies OptionTable`, and is named after its function: `generateTextsOptions`, whose type
 * is `GenerateTextsOptions = OptionsOf<typeof generateTextsOptions>`. Tables are put together by spreading them. They are
 * literals, and not made by calls, since the type of an exported call's result is one that `deno publish` refuses.
 *
 * @module
 */

/** A table of options by name. */
export interface OptionTable {
  readonly [name: string]: Option;
}

/** What an option, an argument or an element of a list may be. */
export type Kind =
  | NumberKind
  | BooleanKind
  | TextKind
  | ChoiceKind
  | ListKind
  | TableKind
  | ValueKind
  | EitherKind;

/** An option: what it may be, and what it is for. */
export type Option = Kind & About;

/** What every option says of itself. */
export interface About {
  /**
   * One phrase without a full stop, as in a command's help. That of a boolean which is true by default names what there is,
   * so that "without" can stand before it: "the baseline of the prefix".
   */
  readonly help: string;
  /** What holds where nothing is given, if that is a value. */
  readonly default?: unknown;
  /** What holds where nothing is given, in words, if it depends on something else. */
  readonly defaultHelp?: string;
  /** Whether it has to be given. */
  readonly required?: true;
  /** Names that it had, or that people try: errors lead from them to this one, and commands go on taking their flags. */
  readonly former?: readonly string[];
  /** The flag's name, if it is another than the option's; false if there is none. */
  readonly flag?: string | false;
  /** What stands for the value in the flag's help. */
  readonly placeholder?: string;
}

/** A number; `integer` is a whole one that JavaScript holds exactly. */
export interface NumberKind {
  readonly type: "number" | "integer";
  readonly min?: number;
  readonly max?: number;
  /** A bound that is itself left out. */
  readonly above?: number;
  /** A bound that is itself left out. */
  readonly below?: number;
}

export interface BooleanKind {
  readonly type: "boolean";
}

export interface TextKind {
  readonly type: "text";
}

/** One of some words. */
export interface ChoiceKind {
  readonly type: "choice";
  readonly of: readonly string[];
}

/** Several of a kind. */
export interface ListKind {
  readonly type: "list";
  readonly of: Kind;
  /** How many there are, if that is fixed. */
  readonly length?: number;
  /** Whether there may be none. Default true. */
  readonly empty?: boolean;
}

/** Options inside of an option. */
export interface TableKind {
  readonly type: "options";
  readonly of: OptionTable;
  /** Whether a flag gives them, as `rank=8,alpha=16`, with `+` between the elements of a list. Default false. */
  readonly textual?: true;
}

/** Anything else, such as a device, a signal or a function. */
export interface ValueKind {
  readonly type: "value";
  /** A type guard, from which the type comes. */
  readonly is: (value: unknown) => boolean;
  /** What it has to be, with its article and how to get one: "a device, from openDevice()". */
  readonly what: string;
  /** What a flag's text means. Default: there is no flag. @throws {Error} in words that follow "is invalid:". */
  readonly parse?: (text: string) => unknown;
}

/** What one of several kinds may be. */
export interface EitherKind {
  readonly type: "either";
  readonly of: readonly Kind[];
}

/** The type of what a kind allows. */
export type ValueOf<K> = K extends { readonly type: "number" | "integer" } ? number
  : K extends { readonly type: "boolean" } ? boolean
  : K extends { readonly type: "text" } ? string
  : K extends { readonly type: "choice"; readonly of: readonly (infer Word)[] } ? Word
  : K extends { readonly type: "list"; readonly of: infer Element; readonly length: 2 }
    ? readonly [ValueOf<Element>, ValueOf<Element>]
  : K extends { readonly type: "list"; readonly of: infer Element } ? readonly ValueOf<Element>[]
  : K extends { readonly type: "options"; readonly of: infer Table } ? OptionsOf<Table>
  : K extends { readonly type: "value"; readonly is: (value: unknown) => value is infer Value }
    ? Value
  : K extends { readonly type: "either"; readonly of: readonly (infer Each)[] } ? ValueOf<Each>
  : never;

/** The names of a table's options that have to be given. */
type Required<Table> = {
  [Name in keyof Table]: Table[Name] extends { readonly required: true } ? Name : never;
}[keyof Table];

/** The names of a table's options that always have a value. */
type Settled<Table> = {
  [Name in keyof Table]: Table[Name] extends
    { readonly required: true } | { readonly default: unknown } ? Name : never;
}[keyof Table];

/** What a function with this table takes. */
export type OptionsOf<Table> =
  & { [Name in Required<Table>]: ValueOf<Table[Name]> }
  & { [Name in Exclude<keyof Table, Required<Table>>]?: ValueOf<Table[Name]> };

/** The same with the defaults in place. */
export type SettledOptions<Table> =
  & { [Name in Settled<Table>]: ValueOf<Table[Name]> }
  & { [Name in Exclude<keyof Table, Settled<Table>>]?: ValueOf<Table[Name]> };
