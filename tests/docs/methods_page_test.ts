import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { methodsPage, methodsTable, ordersTable, withTable } from "../../docs/methods_page.ts";
import { optimumRows } from "../../docs/optimum_rows.ts";
import { listedMethods } from "../../lib/methods/listed_methods.ts";
import { wordsOf } from "./words_of.ts";

Deno.test("docs/methods/README.md is what its lists say", async () => {
  const path = fileURLToPath(new URL("../../docs/methods/README.md", import.meta.url));
  assert.deepEqual(wordsOf(await Deno.readTextFile(path)), wordsOf(await methodsPage()));
});

Deno.test("the README's table of methods is what the lists and the comparison with the optimum say", async () => {
  const readme = await Deno.readTextFile(new URL("../../README.md", import.meta.url));
  assert.deepEqual(wordsOf(readme), wordsOf(withTable(readme, "methods", await methodsTable())));
});

Deno.test("the order of the methods in docs/optimum.md is what the comparison with the optimum says", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/optimum.md", import.meta.url));
  assert.deepEqual(wordsOf(page), wordsOf(withTable(page, "orders", await ordersTable())));
});

Deno.test("every method has a page with a chart, its cost, when to choose it and what it was compared with, facts, and a place beside the optimum", async () => {
  const points = await optimumRows();
  for (const { kind, ...facts } of listedMethods()) {
    const page = await Deno.readTextFile(
      new URL(`../../docs/methods/${kind}.md`, import.meta.url),
    );
    for (
      const part of [
        "\n## What a step costs\n",
        "\n## When to choose it\n",
        `\\]\\(${kind}\\.svg\\)`,
        /compared|checked|tested/,
      ]
    ) {
      assert.ok(page.match(part), `${kind}'s page lacks ${part}`);
    }
    const chart = new URL(`../../docs/methods/${kind}.svg`, import.meta.url);
    assert.ok((await Deno.stat(chart)).isFile, kind);
    assert.ok(points.some(({ method }) => method === kind), `${kind} is not beside the optimum`);
    for (const [name, fact] of Object.entries(facts)) {
      assert.match(fact, /^\S.*\S$|^\S$/, `${kind} has no ${name}`);
    }
  }
});
