import { Command, CommanderError, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { visible } from "../notebook/visible.ts";
import { invoked } from "./invocation.ts";
import { print, printFromConsole } from "./print.ts";

export { InvalidArgumentError };

/** A command, or a subcommand, with what all of ours have in common. */
export function command(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .helpOption("-h, --help", "show this help")
    .helpCommand(false)
    .configureHelp({ optionDescription })
    .configureOutput({
      writeOut: print,
      writeErr: (text) => console.error(text.trimEnd()),
      outputError: (text, write) => write(oneSentence(text)),
    })
    .exitOverride();
}

/** An option that takes one of some words. */
export function choice<const Words extends readonly string[], const Flags extends string>(
  flags: Flags,
  description: string,
  words: Words,
) {
  return new Option(flags, description).choices(words);
}

/** Choices and default as the flags of a function's options show them: words without quotes, and no default of a switch. */
function optionDescription({ description, argChoices, defaultValue }: Option): string {
  const isShown = defaultValue !== undefined && typeof defaultValue !== "boolean";
  const choices = argChoices === undefined ? "" : ` (choices: ${argChoices.join(", ")})`;
  return `${description}${choices}${isShown ? ` (default: ${defaultValue})` : ""}`;
}

/** Parses a whole number of at least `min`. */
export function integer({ min }: { min: number }): (text: string) => number {
  return (text) => {
    const value = /^[-+]?\d+$/.test(text) ? Number(text) : NaN;
    if (Number.isSafeInteger(value) && value >= min) return value;
    throw new InvalidArgumentError(`give a whole number from ${min} up`);
  };
}

/** Parses a whole number above 0. */
export const positiveInteger: (text: string) => number = integer({ min: 1 });

export interface NumberRange {
  min: number;
  /** Default: no limit. */
  max?: number;
}

/** Parses a number from `min` to `max`. */
export function number({ min, max = Infinity }: NumberRange): (text: string) => number {
  return (text) => {
    const value = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : NaN;
    if (Number.isFinite(value) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(
      max === Infinity ? `give a number from ${min} up` : `give a number from ${min} to ${max}`,
    );
  };
}

/** Gathers the values of an option that may be given several times. */
export function repeatable(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

/** What a command throws when the user stopped it; the message says what was kept and how to go on. */
export class Interrupted extends Error {}

/** What stops a command: Ctrl-C, and what `kill`, `timeout`, service managers and SLURM send; with the exit codes. */
const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;

type Stop = keyof typeof exitCodes;

const stops: readonly Stop[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];

/** Signals that come within so many milliseconds are one: the terminal's own, and two that `deno task` passes on. */
const onePress = 1000;

/** What stopped the command. */
let stoppedBy: Stop | undefined;

/** A signal that the first Ctrl-C or SIGTERM aborts; a second one ends the process at once. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  let isSecond = false;
  // where work has held the thread, signals of before are told after the first of these and before the second
  const later = (then: () => void, milliseconds: number) =>
    Deno.unrefTimer(setTimeout(then, milliseconds));
  for (const stop of stops) {
    Deno.addSignalListener(stop, () => {
      if (isSecond) Deno.exit(exitCodes[stop]);
      if (controller.signal.aborted) return;
      stoppedBy = stop;
      later(() => later(() => isSecond = true, onePress / 10), onePress);
      controller.abort();
    });
  }
  return controller.signal;
}

/**
 * Runs a command, which has its task's name, on the arguments it was started with. The exit code is 0 where all
 * went well, 2 where the arguments were wrong, 130 where Ctrl-C stopped it and 143 where SIGTERM did, 141 where nobody reads
 * on (`| head`), and 1 for any other failure. Errors are one line on standard error that begins with `error:`, followed by
 * the stack where the environment has ARMATURE_DEBUG=1.
 */
export async function runCommand(command: Command): Promise<void> {
  printFromConsole();
  try {
    const { program, args } = invoked();
    command.name(`${program} ${command.name()}`.trim());
    await command.parseAsync(args, { from: "user" });
  } catch (error) {
    Deno.exitCode = reported(error);
  }
  // while Deno ends by itself nobody listens, and a signal that deno task passes on once more would kill the process
  if (stoppedBy) Deno.exit();
}

/** Tells the user of an error, unless commander has done so. @returns the exit code. */
function reported(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  // as the signal SIGPIPE ends other programs: in silence
  if (error instanceof Deno.errors.BrokenPipe) return 141;
  if (error instanceof DOMException && error.name === "AbortError") {
    return reported(new Interrupted("Stopped before the end."));
  }
  if (error instanceof Interrupted) {
    console.error(visible(error.message));
    return exitCodes[stoppedBy ?? "SIGINT"];
  }
  console.error(`error: ${oneLine(error instanceof Error ? error.message : String(error))}`);
  if (Deno.env.get("ARMATURE_DEBUG") === "1") console.error(error);
  return 1;
}

/** Commander says what is wrong, why, and what was perhaps meant in sentences and lines of their own. */
function oneSentence(text: string): string {
  return oneLine(text).replace(" is invalid. ", " is invalid: ");
}

function oneLine(text: string): string {
  return visible(text.trim().replace(/\s*\n\s*/g, " "));
}
