import assert from "node:assert/strict";
import {
  parameterNamed,
  parametersOf,
  valueLike,
  withParameters,
} from "../../lib/notebook_run/parameters.ts";
import { codeCell, notebookOf } from "./hand_made_notebook.ts";

const source = `// how strong
const beta = 1_000; // β
let names: string[] = ['a', "b;"];
const flag = true;
const scale = -2.5e-3;
const none = null;
const list = [
  1,
  2,
] as const;
const title = 'a "quoted" word';`;

const notebookWith = (source: string) =>
  notebookOf(codeCell("1 + 1", []), codeCell(source, [], ["parameters"]), codeCell("2", []));

Deno.test("parameters are the values that the tagged cell declares, in whatever way TypeScript writes them", () => {
  const declared = source.replace(`'a "quoted" word'`, `"a word"`);
  assert.deepEqual(
    parametersOf(notebookWith(declared), "a.ipynb").map(({ name, value }) => [name, value]),
    [
      ["beta", 1000],
      ["names", ["a", "b;"]],
      ["flag", true],
      ["scale", -2.5e-3],
      ["none", null],
      ["list", [1, 2]],
      ["title", "a word"],
    ],
  );
});

Deno.test("a notebook without the tag, and a cell that computes, are refused with what to do", () => {
  assert.throws(
    () => parametersOf(notebookOf(codeCell("const a = 1;", [])), "a.ipynb"),
    /^TypeError: 'a\.ipynb' takes no parameters: give the cell .* the tag 'parameters'/,
  );
  for (
    const line of ["const a = 1 + 1;", "run();", "const { a } = b;", source.split("\n").at(-1)!]
  ) {
    assert.throws(
      () => parametersOf(notebookWith(`const b = 2;\n${line}`), "a.ipynb"),
      (error: Error) => error.message.includes(`has '${line}' in its cell of parameters`),
    );
  }
});

Deno.test("a value has the type that stands in the notebook", () => {
  const parameters = parametersOf(notebookWith(source.split("\n").slice(0, -1).join("\n")), "a");
  const like = (name: string, text: string) =>
    valueLike(parameterNamed(name, parameters, "a"), text);
  assert.equal(like("beta", "2.5"), 2.5);
  assert.equal(like("flag", "false"), false);
  assert.deepEqual(like("names", '["c"]'), ["c"]);
  assert.throws(() => like("beta", "many"), /'beta' must be a number, .* has 1000: 'many' is none/);
  assert.throws(() => like("flag", "1"), /'flag' must be true or false/);
  assert.throws(() => like("names", "c"), /'names' must be a list/);
  assert.throws(
    () => like("betas", "1"),
    /^RangeError: 'a' has no parameter 'betas': is 'beta' meant\?/,
  );
  assert.throws(() => like("q", "1"), /it has beta, names, flag/);
});

Deno.test("other values stand in a cell of their own, which takes the place of a former one", () => {
  const notebook = notebookWith("let beta = 1;");
  const [beta] = parametersOf(notebook, "a");
  const once = withParameters(notebook, new Map([[beta, 2]]));
  const twice = withParameters(once, new Map([[beta, 3]]));
  assert.deepEqual(
    twice.cells.map(({ source, metadata }) => [source, metadata.tags ?? []]),
    [
      ["1 + 1", []],
      ["let beta = 1;", ["parameters"]],
      ["let beta = 3;", ["injected-parameters"]],
      ["2", []],
    ],
  );
});
