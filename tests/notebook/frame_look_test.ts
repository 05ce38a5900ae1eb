import assert from "node:assert/strict";
import pl from "nodejs-polars";
import { lookOf } from "../../lib/notebook/display.ts";
import { isFrame, shownFrame } from "../../lib/notebook/frame_look.ts";
import { runCells, withJupyter } from "./kernel_session.ts";

const frame = pl.DataFrame({ name: ["fig", "<b>plum</b>"], count: [1, 1000] });

Deno.test("a frame shows text aligned to the left, numbers to the right, and markup as text", async () => {
  const markup = (await lookOf(shownFrame(frame)))!["text/html"] as string;
  assert.match(markup, /<th style="text-align:left">name<\/th>/);
  assert.match(markup, /<td style="text-align:left">&lt;b&gt;plum&lt;\/b&gt;<\/td>/);
  assert.match(markup, /<td style="text-align:right">1000<\/td>/);
  assert.doesNotMatch(markup, /more rows/);
});

Deno.test("of a long frame the beginning is shown, and how much is left out", async () => {
  const long = pl.DataFrame({ n: Array.from({ length: 1060 }, (_, i) => i) });
  const markup = (await lookOf(shownFrame(long)))!["text/html"] as string;
  assert.equal(markup.match(/<td/g)?.length, 50);
  assert.match(markup, /… 1,010 more rows/);
});

Deno.test("frames are told from rows, series and charts", () => {
  assert.ok(isFrame(frame));
  for (const other of [[{ n: 1 }], frame.getColumn("name"), { data: {} }, null, undefined, "n"]) {
    assert.ok(!isFrame(other));
  }
});

Deno.test({
  ...withJupyter("a frame that is the value of a cell is shown so"),
  async fn() {
    const mod = new URL("../../lib/entries/notebook.ts", import.meta.url).href;
    const [outcome] = await runCells([{
      code: `import pl from "nodejs-polars"; import ${JSON.stringify(mod)};
        pl.DataFrame({ name: ["fig"], count: [1] })`,
    }]);
    assert.equal(outcome.status, "ok");
    const shown = outcome.outputs.map(({ content }) => content.data?.["text/html"]);
    assert.match(String(shown.at(-1)), /<td style="text-align:left">fig<\/td>/);
  },
});
