import assert from "node:assert/strict";
import { normalForm } from "../../lib/notebook_run/normal_form.ts";
import { codeCell, display, madeOn, notebookOf, value } from "./hand_made_notebook.ts";

Deno.test("progress is not stored, nor what a kept cell shows on its way", () => {
  const outputs = [
    display("10 %", { progress: true }),
    display("work"),
    value({ "text/plain": "1" }),
  ];
  const { cells } = normalForm(
    notebookOf(codeCell("a", outputs), codeCell("b", outputs, ["kept"])),
    madeOn,
  );
  const texts = cells.map(({ outputs }) =>
    outputs!.map((output) => "data" in output && output.data["text/plain"])
  );
  assert.deepEqual(texts, [["work", "1"], ["1"]]);
});

Deno.test("cells are numbered in their order, and keep of their metadata the tags alone", () => {
  const cell = codeCell("a", [value({ "text/plain": "1" })], ["timing"]);
  const text = { ...codeCell("text", []), cell_type: "markdown" };
  const { cells, metadata } = normalForm({
    ...notebookOf(text, { ...cell, metadata: { ...cell.metadata, scrolled: true } }),
    metadata: { kernelspec: { name: "deno" }, widgets: {} },
  }, madeOn);
  assert.deepEqual(cells[1].metadata, { tags: ["timing"] });
  assert.equal(cells[1].execution_count, 1);
  const [output] = cells[1].outputs!;
  assert.equal("execution_count" in output && output.execution_count, 1);
  assert.deepEqual(Object.keys(metadata), ["kernelspec", "armature"]);
  assert.deepEqual(metadata.armature!.madeOn, madeOn);
  assert.equal(metadata.armature!.sources.length, 1);
});
