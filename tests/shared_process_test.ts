import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** What one test file would change or measure for all that run at once, and the files that may. */
const shared = [
  [/\bDeno\.env\.(set|delete)\(/, ["with_environment.ts"]],
  [/\bDeno\.chdir\(|\bprocess\.chdir\(/, []],
  // programs that tests run in processes of their own
  [/\bDeno\.memoryUsage\(/, [
    "describe_peak.ts",
    "hostile_templates.ts",
    "classifier_growth.ts",
    "fuzz/worker.ts",
    "state_growth.ts",
    "transformers_growth.ts",
  ]],
] as const;

const folder = fileURLToPath(new URL(".", import.meta.url));

async function* filesIn(path: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(path)) {
    if (isDirectory) yield* filesIn(join(path, name));
    else if (name.endsWith(".ts")) yield join(path, name);
  }
}

Deno.test("test files, which run at once in one process, leave its environment and folder alone", async () => {
  for await (const path of filesIn(folder)) {
    const text = await Deno.readTextFile(path);
    for (const [pattern, allowed] of shared) {
      if (allowed.some((name) => path.endsWith(name)) || path.endsWith("shared_process_test.ts")) {
        continue;
      }
      assert.doesNotMatch(text, pattern, path);
    }
  }
});
