import { basename } from "node:path";

/**
 * Runs a program to its end.
 *
 * @param what the beginning of errors, such as "Cannot pack".
 * @throws {Error} with the last line of what the program says, if it fails.
 */
export async function runProgram(
  what: string,
  program: string,
  args: readonly string[],
  cwd?: string,
): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, {
    args: [...args],
    cwd,
    stdout: "null",
  }).output();
  if (success) return;
  const [said] = new TextDecoder().decode(stderr).trim().split("\n").slice(-1);
  throw new Error(`${what}: ${basename(program)} says '${said}'.`);
}
