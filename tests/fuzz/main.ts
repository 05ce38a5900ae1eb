/**
 * Gives every parser of what others wrote odd inputs, and finds what crashes, hangs, fills the memory, leaves its folder, runs
 * what it reads, or is refused in other words than one clear sentence.
 *
 * `deno task fuzz [PARSER…] [--cases N] [--seed N] [--minutes N] [--json]`
 *
 * `deno task fuzz PARSER --input FOLDER` reads one input again.
 */
import { dirname, join } from "node:path";
import { command, runCommand } from "../../lib/cli/command.ts";
import { jsonOption } from "../../lib/cli/json_option.ts";
import { addFlags, givenOptions } from "../../lib/cli/option_flags.ts";
import type { OptionTable } from "../../lib/options/option.ts";
import { type Seed, seedOption } from "../../lib/options/seed_option.ts";
import { settle } from "../../lib/options/settle.ts";
import { Progress } from "../../lib/progress.ts";
import type { Input } from "./parser.ts";
import { type ListedParser, parsers } from "./parsers.ts";
import { inputOf, outcomeOf } from "./run_cases.ts";
import { watchedCases } from "./watched.ts";

const fuzzOptions = {
  cases: {
    type: "integer",
    min: 1,
    defaultHelp: "a full run: a million of safetensors and pickles, 100,000 of the others",
    help: "cases of each parser",
  },
  seed: seedOption,
  minutes: { type: "number", above: 0, help: "how long each parser may take; it then stops" },
  out: {
    type: "text",
    default: "runs/fuzz",
    placeholder: "folder",
    help: "where inputs that go wrong are written",
  },
  input: {
    type: "text",
    placeholder: "folder",
    help: "read the files of this folder, and no others",
  },
  ...jsonOption,
} as const satisfies OptionTable;

const fuzz = command(
  "fuzz",
  "Odd inputs for every parser of what others wrote: none may crash it, hang, fill the memory, leave its folder or run.",
);
fuzz
  .argument("[parser...]", `which (default: all): ${parsers.map(({ name }) => name).join(", ")}`)
  .action(async (names, _, command) => {
    const options = settle("fuzz", fuzzOptions, givenOptions(command, fuzzOptions));
    const chosen = names.length === 0 ? parsers : names.map(parserNamed);
    if (options.input !== undefined) return await readAgain(chosen, options.input);
    let wrong = 0;
    for (const parser of chosen) wrong += await run(parser, options);
    if (wrong > 0) throw new Error(`${wrong} inputs went wrong; they are in '${options.out}'.`);
  });
addFlags(fuzz, fuzzOptions);

function parserNamed(name: string): ListedParser {
  const found = parsers.find((parser) => parser.name === name);
  if (found) return found;
  throw new Error(
    `There is no parser '${name}': name one of ${parsers.map(({ name }) => name).join(", ")}.`,
  );
}

/** Runs the cases of a parser and tells what came of them. @returns how many went wrong. */
async function run(
  { name, load }: ListedParser,
  { cases: wanted, seed, minutes, out, json }: {
    readonly cases?: number;
    readonly seed: Seed;
    readonly minutes?: number;
    readonly out: string;
    readonly json: boolean;
  },
): Promise<number> {
  const began = performance.now();
  const parser = await load();
  const cases = { parser: name, seed, from: 0, to: wanted ?? parser.cases };
  const progress = new Progress({ label: name, total: cases.to, unit: "cases" });
  const outcome = await watchedCases(parser, cases, {
    onCase: (index) => progress.update(index),
    ends: minutes === undefined ? undefined : Date.now() + 60_000 * minutes,
  });
  progress.done();
  const seconds = (performance.now() - began) / 1000;
  const rate = Math.round(outcome.cases / seconds);
  const { failures } = outcome;
  if (json) console.log(JSON.stringify({ fuzz: name, seed, ...outcome, seconds, rate }));
  else {
    console.log(
      `${name}: ${outcome.cases.toLocaleString("en-US")} cases, ${outcome.read} read, ` +
        `${failures.length} wrong; ${rate} cases/s`,
    );
  }
  const seeds = await parser.seeds();
  for (const { index, problem } of failures) {
    const folder = join(out, `${name}-${seed}-${index}`);
    await writeInput(folder, inputOf(parser, seeds, cases, index));
    if (json) continue;
    console.log(`  ${problem}`);
    console.log(`  deno task fuzz ${name} --input ${folder}`);
  }
  return failures.length;
}

async function writeInput(folder: string, input: Input): Promise<void> {
  for (const [name, bytes] of Object.entries(input)) {
    await Deno.mkdir(dirname(join(folder, name)), { recursive: true });
    await Deno.writeFile(join(folder, name), bytes);
  }
}

/** Reads one input in this process, where a debugger can follow it. */
async function readAgain(
  [{ load }, ...others]: readonly ListedParser[],
  path: string,
): Promise<void> {
  if (others.length > 0) throw new Error("An input is that of one parser: name it.");
  const input: Record<string, Uint8Array<ArrayBuffer>> = {};
  const read = async (below: string) => {
    for await (const { name, isDirectory } of Deno.readDir(join(path, below))) {
      if (isDirectory) await read(join(below, name));
      else input[join(below, name)] = await Deno.readFile(join(path, below, name));
    }
  };
  await read("");
  const parser = await load();
  const folder = await Deno.makeTempDir();
  try {
    const { isRead, problem } = await outcomeOf(parser, await parser.open(folder), folder, input);
    if (problem !== undefined) throw new Error(problem);
    console.log(isRead ? "It is read." : "It is refused in one clear sentence.");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

await runCommand(fuzz);
