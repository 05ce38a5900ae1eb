import process from "node:process";
import type { Seed } from "../../lib/options/seed_option.ts";
import { Random } from "../../lib/random.ts";
import { mutated } from "./mutate.ts";
import type { Input, Parser, Read } from "./parser.ts";
import { wrongRefusal } from "./refusal.ts";

/** Which cases of a parser. */
export interface Cases {
  /** The parser's name. */
  readonly parser: string;
  readonly seed: Seed;
  readonly from: number;
  /** The first that is not run any more. */
  readonly to: number;
}

/** A case that went wrong. */
export interface Failure {
  readonly index: number;
  readonly problem: string;
}

/** What came of cases. */
export interface Outcome {
  /** How many there were. */
  readonly cases: number;
  /** How many inputs were read; the others were refused. */
  readonly read: number;
  readonly failures: readonly Failure[];
}

/** A case that computes for longer than this many milliseconds has gone wrong; a template may work for about a second. */
const longestCase = 5000;

/** Stops after so many failures, which are mostly one. */
const mostFailures = 20;

/** The input of a case. It follows from the parser's seeds, the seed and the index. */
export function inputOf(
  parser: Parser,
  seeds: readonly Input[],
  { parser: name, seed }: Pick<Cases, "parser" | "seed">,
  index: number,
): Input {
  return mutated(new Random(seed, name, index), seeds, parser);
}

/** What happens before and after each case; the time between is the case's. */
export interface CaseHooks {
  /** Whether to go on. */
  readonly before?: (index: number) => boolean;
  /** @returns what is wrong. */
  readonly after?: () => string | undefined;
}

/** Runs cases one after the other in this process. */
export async function runCases(
  parser: Parser,
  folder: string,
  cases: Cases,
  { before = () => true, after = () => undefined }: CaseHooks = {},
): Promise<Outcome> {
  const seeds = await parser.seeds();
  const read = await parser.open(folder);
  const failures: Failure[] = [];
  let [run, wellRead] = [0, 0];
  for (let index = cases.from; index < cases.to && failures.length < mostFailures; index++) {
    if (!before(index)) break;
    const input = inputOf(parser, seeds, cases, index);
    const { isRead, problem } = await outcomeOf(parser, read, folder, input);
    run++;
    if (isRead) wellRead++;
    const found = problem ?? after();
    if (found !== undefined) failures.push({ index, problem: found });
  }
  return { cases: run, read: wellRead, failures };
}

/** Reads one input. @returns whether it was read, and what is wrong, if anything is. */
export async function outcomeOf(
  parser: Parser,
  read: Read,
  folder: string,
  input: Input,
): Promise<{ isRead: boolean; problem?: string }> {
  const before = process.cpuUsage();
  let isRead = true;
  let problem: string | undefined;
  try {
    const reading = read(input);
    if (reading) await reading;
  } catch (error) {
    isRead = false;
    problem = wrongRefusal(error, folder, parser, sizeOf(input));
  }
  const { user, system } = process.cpuUsage(before);
  const took = (user + system) / 1000;
  if (took > longestCase) problem ??= `it takes ${Math.round(took)} ms`;
  problem ??= changedPrototype();
  return { isRead, problem };
}

function sizeOf(input: Input): number {
  return Object.values(input).reduce((sum, { length }) => sum + length, 0);
}

const prototypes = [Object.prototype, Array.prototype, Function.prototype, String.prototype];
const properties = prototypes.map((each) => Reflect.ownKeys(each).length);

/** Whether an input has changed what all objects have. */
function changedPrototype(): string | undefined {
  const i = prototypes.findIndex((each, i) => Reflect.ownKeys(each).length !== properties[i]);
  return i < 0 ? undefined : `it changes the prototype of ${prototypes[i].constructor.name}`;
}
