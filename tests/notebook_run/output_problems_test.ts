import assert from "node:assert/strict";
import type { Output } from "../../lib/notebook_run/notebook_file.ts";
import { outputProblems } from "../../lib/notebook_run/output_problems.ts";
import { codeCell, notebookOf, png, value } from "./hand_made_notebook.ts";

/** What is wrong with a cell of these outputs. */
function problem(outputs: Output[], tag?: string): string | undefined {
  return outputProblems(notebookOf(codeCell("a", outputs, tag ? [tag] : undefined)))[0]?.what;
}

const text = value({ "text/plain": "1" });
const spec = { mark: "point" };

Deno.test("an error is the one problem of its cell", () => {
  const error: Output = { output_type: "error", ename: "RangeError", evalue: "too far" };
  const printed: Output = { output_type: "stream", name: "stdout", text: "1\n2\n" };
  const problems = outputProblems(
    notebookOf(codeCell("a", [text]), codeCell("b", [printed, error])),
  );
  assert.deepEqual(problems, [{ cell: 2, what: "throws RangeError: too far" }]);
  assert.match(problem([printed])!, /^prints "1"/);
});

Deno.test("a cell shows something, unless its tag says that it is silent", () => {
  assert.equal(problem([text]), undefined);
  assert.match(problem([])!, /^shows nothing/);
  assert.equal(problem([], "silent"), undefined);
  assert.match(problem([text], "silent")!, /^shows something/);
});

Deno.test("a chart is Vega-Lite and a PNG that has a size, in one output", () => {
  const vegaLite = { "application/vnd.vegalite.v5+json": spec };
  assert.equal(problem([value({ ...vegaLite, "image/png": png })], "chart"), undefined);
  const misses = [
    [text],
    [value(vegaLite), value({ "image/png": png })],
    [value({ ...vegaLite, "image/png": "AAAA" })],
    [value({ ...vegaLite, "image/png": png.replace("AAAAEAAAAB", "AAAAAAAAAB") })],
  ];
  for (const outputs of misses) assert.match(problem(outputs, "chart")!, /^misses its chart/);
});

Deno.test("a line of progress is nothing that a cell shows", () => {
  const progress: Output = {
    output_type: "display_data",
    data: { "text/plain": "Training: 3 steps" },
    metadata: { progress: true },
  };
  assert.match(problem([progress])!, /^shows nothing/);
  assert.equal(problem([progress], "silent"), undefined);
});
