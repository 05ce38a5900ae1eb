import assert from "node:assert/strict";
import { join } from "node:path";
import { readNotebook, writeNotebook } from "../../lib/notebook_run/notebook_file.ts";
import { type NotebookRunOptions, runNotebooks } from "../../lib/notebook_run/run_notebooks.ts";
import { withNbconvert } from "../notebook/with_nbconvert.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

/** Writes a notebook of code cells. */
async function notebookOf(
  folder: string,
  cells: readonly { source: string; tags?: string[] }[],
): Promise<string> {
  const path = join(folder, "small.ipynb");
  await writeNotebook(path, {
    cells: cells.map(({ source, tags = [] }, i) => ({
      cell_type: "code",
      id: `cell-${i}`,
      metadata: { tags },
      source,
      outputs: [],
      execution_count: null,
    })),
    metadata: { kernelspec: { name: "deno", display_name: "Deno", language: "typescript" } },
    nbformat: 4,
    nbformat_minor: 5,
  });
  return path;
}

async function problemsOf(path: string, options?: NotebookRunOptions): Promise<string[]> {
  const problems: string[] = [];
  for await (const outcome of runNotebooks([path], options)) problems.push(...outcome.problems);
  return problems;
}

const shownChart = `
const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
({
  [Symbol.for("Jupyter.display")]: () => ({
    "application/vnd.vegalite.v5+json": { mark: "point", data: { values: [{ x: 1 }] } },
    "image/png": pixel,
    "text/plain": "a chart",
  }),
})`;

Deno.test({
  ...withNbconvert("a notebook without outputs fails until it is stored, and passes then"),
  fn: () =>
    withTemporaryFolder(async (folder) => {
      const path = await notebookOf(folder, [
        { source: "const a = 1 + 1;", tags: ["silent"] },
        { source: "[a, crypto.randomUUID()]" },
        { source: "performance.now()", tags: ["timing"] },
        { source: shownChart, tags: ["chart"] },
      ]);
      const before = await Deno.readTextFile(path);
      assert.deepEqual(
        await problemsOf(path),
        [1, 2, 3, 4].map((cell) => `small.ipynb: cell [${cell}] was stored without outputs`),
      );
      assert.equal(await Deno.readTextFile(path), before);

      const begun: number[] = [];
      assert.deepEqual(
        await problemsOf(path, { write: true, onCell: (_, cell) => begun.push(cell) }),
        [],
      );
      assert.deepEqual(begun, [1, 2, 3, 4]);
      const { cells } = await readNotebook(path);
      assert.deepEqual(cells.map(({ id }) => id), ["cell-0", "cell-1", "cell-2", "cell-3"]);
      assert.deepEqual(cells.map(({ execution_count }) => execution_count), [1, 2, 3, 4]);
      assert.deepEqual(await problemsOf(path), []);
    }),
});

Deno.test({
  ...withNbconvert(
    "a cell that throws, shows nothing, prints or misses its chart is named with its reason",
  ),
  fn: () =>
    withTemporaryFolder(async (folder) => {
      const path = await notebookOf(folder, [
        { source: "throw new RangeError('no such thing')" },
        { source: "const b = 2;" },
        { source: "console.log('lost')" },
        { source: "({ chart: 'none' })", tags: ["chart"] },
        { source: shownChart.replace("iVBORw0KGgoAAAANSUhEUgAAAAEAAAAB", ""), tags: ["chart"] },
        { source: "3", tags: ["silent"] },
      ]);
      const before = await Deno.readTextFile(path);
      const problems = await problemsOf(path, { write: true });
      const expected = [
        /cell \[1\] throws RangeError: no such thing$/,
        /cell \[2\] shows nothing/,
        /cell \[3\] prints with console/,
        /cell \[4\] misses its chart/,
        /cell \[5\] misses its chart/,
        /cell \[6\] shows something/,
      ];
      assert.equal(problems.length, expected.length, problems.join("\n"));
      expected.forEach((reason, i) => assert.match(problems[i], reason));
      assert.equal(await Deno.readTextFile(path), before);
    }),
});

Deno.test({
  ...withNbconvert(
    "stored outputs that were altered are found, on the same machine by their contents",
  ),
  fn: () =>
    withTemporaryFolder(async (folder) => {
      const path = await notebookOf(folder, [{ source: "6 * 7" }, { source: "'as it was'" }]);
      assert.deepEqual(await problemsOf(path, { write: true }), []);
      const stored = await Deno.readTextFile(path);

      await Deno.writeTextFile(path, stored.replace('"42"', '"43"'));
      assert.deepEqual(await problemsOf(path), [
        "small.ipynb: cell [1] shows another text/plain than is stored",
      ]);
      const elsewhere = stored.replace('"42"', '"43"').replace(/"cores": \d+/, '"cores": 999');
      await Deno.writeTextFile(path, elsewhere);
      assert.deepEqual(await problemsOf(path), []);

      await Deno.writeTextFile(path, elsewhere.replace("6 * 7", "7 * 7"));
      assert.deepEqual(await problemsOf(path), [
        "small.ipynb: cell [1] was changed after its outputs were made",
      ]);
      await Deno.writeTextFile(path, elsewhere.replace('"text/plain"', '"text/html"'));
      assert.deepEqual(await problemsOf(path), [
        "small.ipynb: cell [1] shows text/plain, and has text/html stored",
      ]);
    }),
});

Deno.test({
  ...withNbconvert("a cell that takes too long ends the notebook"),
  fn: () =>
    withTemporaryFolder(async (folder) => {
      const path = await notebookOf(folder, [
        { source: "1" },
        { source: "await new Promise((resolve) => setTimeout(resolve, 60_000))" },
      ]);
      assert.deepEqual(await problemsOf(path, { cellSeconds: 2 }), [
        "small.ipynb: cell [2] takes longer than 2 s",
      ]);
    }),
});

Deno.test({
  ...withNbconvert("a notebook runs in its own folder, with the Deno that runs it"),
  fn: () =>
    withTemporaryFolder(async (folder) => {
      const path = await notebookOf(folder, [
        {
          source: `[Deno.cwd() === ${JSON.stringify(await Deno.realPath(folder))}, ` +
            `Deno.execPath() === ${JSON.stringify(Deno.execPath())}]`,
        },
      ]);
      assert.deepEqual(await problemsOf(path, { write: true }), []);
      assert.match(await Deno.readTextFile(path), /\[ true, true \]/);
    }),
});

Deno.test({
  ...withNbconvert("no output of many quick cells is lost"),
  fn: () =>
    withTemporaryFolder(async (folder) => {
      const cells = Array.from({ length: 80 }, (_, i) => ({ source: String(i) }));
      assert.deepEqual(await problemsOf(await notebookOf(folder, cells), { write: true }), []);
    }),
});
