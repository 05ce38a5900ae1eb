import { format } from "node:util";

/**
 * Writes a text whole to standard output.
 *
 * @throws {Deno.errors.BrokenPipe} if its reader has gone, as `head` goes after its last line.
 */
export function print(text: string): void {
  let bytes = new TextEncoder().encode(text);
  while (bytes.length > 0) bytes = bytes.subarray(Deno.stdout.writeSync(bytes));
}

/** Makes `console.log` throw as `print` does: Deno's own says nothing, and the command works on for nobody. */
export function printFromConsole(): void {
  console.log = (...values: unknown[]) => print(`${format(...values)}\n`);
}
