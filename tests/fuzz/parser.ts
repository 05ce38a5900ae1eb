import type { Random } from "../../lib/random.ts";

/** The files that a parser is given at once, by their names. */
export type Input = Readonly<Record<string, Uint8Array<ArrayBuffer>>>;

/** Reads an input to its end. @throws whatever the parser throws; what may be thrown, `refusal` says. */
export type Read = (input: Input) => void | Promise<void>;

/** A parser of what others wrote, with all that is needed to give it odd inputs. */
export interface Parser {
  /** What it reads. */
  readonly title: string;
  /** How many cases make a full run. */
  readonly cases: number;
  /** Inputs from which the others are made; most of them are read. */
  readonly seeds: () => readonly Input[] | Promise<readonly Input[]>;
  /** Texts that its inputs are made of, which are put in here and there. */
  readonly words?: readonly string[];
  /** Changes a file as its form has it, so that most of it is understood. Default: by the file's name. */
  readonly mutate?: (random: Random, bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;
  /**
   * Makes ready for reading.
   *
   * @param folder an empty folder, the only one that may be written to.
   */
  readonly open: (folder: string) => Read | Promise<Read>;
  /** Errors that need not name the folder, since whoever calls the parser puts the file's name before them. */
  readonly refuses?: (error: Error) => boolean;
  /** What it needs beyond reading the project's modules and its folder, as Deno's flags. Default: nothing. */
  readonly permissions?: readonly string[];
  /** Megabytes by which an input may make the process grow. Default: 256. */
  readonly growth?: number;
  /** Whether a library that it uses makes functions of texts, all of its own. Default false. */
  readonly generatesCode?: boolean;
}
