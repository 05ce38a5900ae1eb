import assert from "node:assert/strict";
import { normalForm } from "../../lib/notebook_run/normal_form.ts";
import type { Cell } from "../../lib/notebook_run/notebook_file.ts";
import { outputDifferences } from "../../lib/notebook_run/output_differences.ts";
import { codeCell, madeOn, notebookOf, png, value } from "./hand_made_notebook.ts";

/** What is found between a cell with outputs as stored and as executed. */
function found(stored: Cell, executed: Cell, now = madeOn): string[] {
  const { findings } = outputDifferences(
    normalForm(notebookOf(stored), madeOn),
    normalForm(notebookOf(executed), now),
  );
  return findings.map(({ what }) => what);
}

const shows = (text: string, tags?: string[]) =>
  codeCell("a", [value({ "text/plain": text })], tags);

Deno.test("an altered text is found where outputs were made on the same, and not elsewhere", () => {
  const what = ["shows another text/plain than is stored"];
  assert.deepEqual(found(shows("42"), shows("42")), []);
  assert.deepEqual(found(shows("43"), shows("42")), what);
  assert.deepEqual(found(shows("43"), shows("42"), { ...madeOn, cores: 999 }), []);
});

Deno.test("times, ids that are drawn anew and images may differ", () => {
  assert.deepEqual(found(shows("1 s", ["timing"]), shows("2 s", ["timing"])), []);
  assert.deepEqual(found(shows(crypto.randomUUID()), shows(crypto.randomUUID())), []);
  const image = (png: string) => codeCell("a", [value({ "image/png": png })]);
  assert.deepEqual(found(image("a"), image("b")), []);
});

Deno.test("outputs of another kind are found wherever they were made", () => {
  const markup = codeCell("a", [value({ "text/html": "42" })], ["timing"]);
  assert.deepEqual(found(markup, shows("42", ["timing"]), { ...madeOn, cores: 999 }), [
    "shows text/plain, and has text/html stored",
  ]);
});

Deno.test("a notebook without an origin, or with another source, is named so", () => {
  const executed = normalForm(notebookOf(shows("42")), madeOn);
  const whatOf = (stored: typeof executed) =>
    outputDifferences(stored, executed).findings.map(({ what }) => what);
  assert.deepEqual(whatOf(notebookOf(shows("42"))), ["was stored without outputs"]);
  const changed = { ...executed, cells: [{ ...executed.cells[0], source: "b" }] };
  assert.deepEqual(whatOf(changed), ["was changed after its outputs were made"]);
});

Deno.test("a stored chart that is empty is found, whatever is compared", () => {
  const chart = (png: string) =>
    codeCell("a", [value({ "application/vnd.vegalite.v5+json": {}, "image/png": png })], [
      "chart",
      "timing",
    ]);
  const what = ["has no chart stored that shows anything"];
  assert.deepEqual(found(chart(""), chart(png), { ...madeOn, cores: 999 }), what);
  assert.deepEqual(found(chart(png), chart(png)), []);
});
