import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { tokensAStep } from "../../lib/methods/method.ts";
import { methods } from "../../lib/methods/mod.ts";

Deno.test("docs/methods has a page and a line for every method, with what a step costs", async () => {
  const index = fileURLToPath(new URL("../../docs/methods/README.md", import.meta.url));
  const rows = (await Deno.readTextFile(index)).split("\n").filter((line) =>
    line.startsWith("| [")
  );
  const written = rows.map((row) => row.split("|").slice(1, -1).map((cell) => cell.trim()));
  assert.deepEqual(
    written.map(([method, , , , tokens]) => [method, tokens]),
    methods().map((method) => [`[${method.name}](${method.kind}.md)`, tokensAStep(method)]),
  );
});
