import assert from "node:assert/strict";
import { renderPng, renderSvg } from "../../lib/charts/render.ts";
import { tradeOffChart } from "../../lib/charts/trade_off.ts";
import { withFont } from "./chart_checks.ts";

const spec = tradeOffChart([
  { system: "ARM", beta: 0, score: 0.5, perplexity: 10 },
  { system: "ARM", beta: 10, score: 0.8, perplexity: 14 },
]);
const box = '<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20"></svg>';

function sizeOf(png: Uint8Array): { width: number; height: number } {
  assert.deepEqual([...png.subarray(0, 8)], [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const view = new DataView(png.buffer, png.byteOffset);
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

Deno.test("a PNG has the size of the figure times the scale", async () => {
  assert.deepEqual(sizeOf(await renderPng(box)), { width: 60, height: 40 });
  assert.deepEqual(sizeOf(await renderPng(box, { scale: 3 })), { width: 90, height: 60 });
});

Deno.test({
  ...withFont("a PNG of a spec and of its SVG are the same"),
  async fn() {
    const svg = await renderSvg(spec);
    const [, width, height] = svg.match(/width="(\d+)" height="(\d+)"/)!;
    const png = await renderPng(spec, { scale: 1 });
    assert.deepEqual(sizeOf(png), { width: Number(width), height: Number(height) });
    assert.deepEqual(png, await renderPng(svg, { scale: 1 }));
  },
});

Deno.test("drawing leaves a spec as it was", async () => {
  const before = JSON.parse(JSON.stringify(spec));
  await renderSvg(before);
  assert.deepEqual(before, JSON.parse(JSON.stringify(spec)));
});

Deno.test("a figure is about as wide as a column and has no wide empty margins", async () => {
  const svg = await renderSvg(spec);
  const [, width, height] = svg.match(/width="(\d+)" height="(\d+)"/)!.map(Number);
  assert.ok(width >= 400 && width <= 440, `width ${width}`);
  assert.ok(height >= 290 && height <= 340, `height ${height}`);
});

Deno.test("text without a font to draw it with is an error, not an empty figure", async () => {
  await assert.rejects(
    renderPng(spec, { systemFonts: false }),
    /Cannot draw the text of a PNG as no font is installed/,
  );
  await assert.rejects(
    renderPng(spec, { fontFiles: ["no such font.ttf"] }),
    /the font 'no such font.ttf' is not a file/,
  );
  assert.ok(await renderPng(box, { systemFonts: false }));
});

Deno.test("what is not an SVG and scales out of range are errors", async () => {
  for (const text of ["", "hello", "<svg", "<html></html>"]) {
    await assert.rejects(renderPng(text), /SyntaxError: .*the string is not an SVG/);
  }
  for (const scale of [0, -1, NaN, 100]) {
    await assert.rejects(
      renderPng(box, { scale }),
      /RangeError: renderPng: 'scale' must be a number above 0 to 16/,
    );
  }
});

Deno.test({
  ...withFont("titles are bold where a usual font without serifs is there"),
  async fn() {
    const text = (weight: string) =>
      '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="20">' +
      `<text y="15" font-family="sans-serif" font-weight="${weight}">Rg</text></svg>`;
    const arial = text("bold").replace("sans-serif", "DejaVu Sans");
    const missing = arial.replace("DejaVu Sans", "no such font");
    // Where the font is missing too, both are drawn with whatever there is.
    const [named, other, normal, bold] = await Promise.all(
      [arial, missing, text("normal"), text("bold")].map((svg) => renderPng(svg)),
    );
    if (named.join() !== other.join()) assert.notDeepEqual(normal, bold);
  },
});
