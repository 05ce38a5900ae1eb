import assert from "node:assert/strict";
import { join } from "node:path";
import { renderPng, renderSvg } from "../../lib/charts/render.ts";
import { tradeOffChart } from "../../lib/charts/trade_off.ts";
import { writeChart } from "../../lib/charts/write_chart.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { assertValidSpec, withFont } from "./chart_checks.ts";

const spec = tradeOffChart([{ system: "s", beta: 1, score: 0.5, perplexity: 10 }]);

Deno.test({
  ...withFont("a chart is written as spec, SVG and PNG, and nothing else is left in the folder"),
  async fn() {
    await withTemporaryFolder(async (parent) => {
      const folder = join(parent, "new", "folder");
      const files = await writeChart(folder, "figure 2", spec, { scale: 1 });
      assert.deepEqual(files, {
        spec: join(folder, "figure 2.vl.json"),
        svg: join(folder, "figure 2.svg"),
        png: join(folder, "figure 2.png"),
      });
      const written = JSON.parse(await Deno.readTextFile(files.spec));
      assert.deepEqual(written, JSON.parse(JSON.stringify(spec)));
      assertValidSpec(written);
      assert.equal(await Deno.readTextFile(files.svg), await renderSvg(spec));
      assert.deepEqual(await Deno.readFile(files.png), await renderPng(spec, { scale: 1 }));
      assert.equal([...Deno.readDirSync(folder)].length, 3);
    });
  },
});

Deno.test("names that are no names of files are refused before anything is written", async () => {
  await withTemporaryFolder(async (folder) => {
    for (const name of ["", "a/b", "..\\a", "nul\0"]) {
      await assert.rejects(
        writeChart(folder, name, spec),
        /RangeError: .*'name' must be the name of a file/,
      );
    }
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  });
});
