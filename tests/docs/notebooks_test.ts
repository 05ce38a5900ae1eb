import assert from "node:assert/strict";

const notebooks = new URL("../../notebooks/", import.meta.url);

interface Cell {
  readonly cell_type: string;
  readonly source: readonly string[];
}

Deno.test("README lists every notebook", async () => {
  const readme = await Deno.readTextFile(new URL("../../README.md", import.meta.url));
  const listed = [...readme.matchAll(/\]\(notebooks\/([\w-]+\.ipynb)\)/g)].map(([, name]) => name);
  const files = [...Deno.readDirSync(notebooks)].map(({ name }) => name)
    .filter((name) => name.endsWith(".ipynb"));
  assert.deepEqual([...new Set(listed)].sort(), files.sort());
});

Deno.test("from primitives, a method takes at most 60 lines, and nothing but mod.ts and Polars", async () => {
  const file = new URL("07-from-primitives.ipynb", notebooks);
  const { cells }: { cells: Cell[] } = JSON.parse(await Deno.readTextFile(file));
  const code = cells.filter(({ cell_type }) => cell_type === "code")
    .flatMap(({ source }) => source.join("").split("\n")).filter((line) => line.trim() !== "");
  assert.ok(code.length <= 60, `${code.length} lines`);
  const modules = [...code.join("\n").matchAll(/from "([^"]+)"/g)].map(([, module]) => module);
  assert.deepEqual(modules.sort(), ["../mod.ts", "nodejs-polars"]);
});
