import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

/**
 * What a program prints that runs in a process of its own: test files that run at once share one process, and so its
 * memory. @returns its standard output.
 */
export async function printedBy(program: URL, ...args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", "--allow-all", fileURLToPath(program), ...args],
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  assert.ok(success, text.decode(stderr));
  return text.decode(stdout);
}

/** How many MB a program says that its memory grew by. */
export async function megabytesGrown(program: URL, ...args: readonly string[]): Promise<number> {
  const grown = Number(await printedBy(program, ...args));
  assert.ok(Number.isFinite(grown));
  return grown;
}
