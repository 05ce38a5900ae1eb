import type { Parser } from "./parser.ts";

/** What the engine says where a program went wrong, and no author of a message would. */
const fromWithin =
  /Cannot (read propert|set propert|convert (undefined|object|a |.* to a BigInt)|destructure|mix BigInt|access ')|(?<!something that |object )is not (a function|iterable|a constructor|extensible|defined)|undefined \(|Invalid (array|typed array|string|count|regular)|Maximum call stack|allocation failed|Reduce of empty|outside the bounds|is out of bounds|offset .* (multiple|bounds)|Assignment to constant/;

/** Longer messages are no sentence, but for a value of the input that they quote. */
const longest = 1000;

/**
 * What is wrong with an error by which a parser refuses an input of a size; undefined where it may: an error that names the file, or the
 * folder it is in, and comes from no slip of the program.
 */
export function wrongRefusal(
  error: unknown,
  folder: string,
  { refuses = () => false }: Pick<Parser, "refuses">,
  size: number,
): string | undefined {
  if (!(error instanceof Error)) return `it throws ${String(error)}, which is no error`;
  const shown = `${error.name}: ${error.message.slice(0, 400)}`;
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof Deno.errors.NotCapable || cause instanceof Deno.errors.PermissionDenied) {
      return `it asks for what it may not have (${cause.message.slice(0, 200)})`;
    }
    if (cause instanceof EvalError) return `it makes a program of a text (${cause.message})`;
  }
  if (fromWithin.test(withoutQuoted(error.message))) return `an error from within: ${shown}`;
  if (error.message.length > longest + 4 * size) {
    return `a message of ${error.message.length} characters`;
  }
  if (!error.message.includes(folder) && !refuses(error)) {
    return `an error that does not say where: ${shown}`;
  }
}

/** What a file says may be anything. */
function withoutQuoted(message: string): string {
  return message.replace(/"(\\.|[^"\\])*"/g, '""');
}
