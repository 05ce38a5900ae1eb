/**
 * Draws what an ARM on the trunk of its base is worth and costs, from the tables of `trunk.md`:
 *
 *     deno run -A docs/trunk_chart.ts
 *
 * Writes `trunk.svg` beside this file.
 *
 * @module
 */
import { renderSvg } from "armature";
import { palettes, seriesStyle } from "../lib/charts/palette.ts";
import { FONT_SIZE, themeConfig, titleLines } from "../lib/charts/theme.ts";

const here = new URL("./", import.meta.url);

/** The cells of the rows of the table with such a header, without those of the header. */
function tableAfter(page: string, header: string): string[][] {
  const lines = page.slice(page.indexOf(header)).split("\n");
  const end = lines.findIndex((line) => !line.startsWith("|"));
  return lines.slice(2, end).map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
}

/** The number that a cell begins with. */
const numberOf = (cell: string) => Number(cell.match(/-?[\d.]+/)![0]);

/** Blocks of SmolLM2, and the squared error of a constant prediction. */
const [blocks, constant] = [30, 0.25];
const page = await Deno.readTextFile(new URL("trunk.md", here));
const errors = tableAfter(page, "| blocks shared, of 30 | squared error").map((row) => {
  const [error, margin] = [numberOf(row[1]), Number(row[1].match(/± ([\d.]+)/)![1])];
  return {
    own: blocks - numberOf(row[0]),
    value: error,
    low: error - margin,
    high: error + margin,
  };
});
const ratios = tableAfter(page, "| blocks shared, of 30 | ms a step").map((row) => (
  { own: blocks - numberOf(row[0]), value: numberOf(row[3]) }
));

const palette = palettes.transparent;
const { mark } = seriesStyle(palette, 0);
const size = { width: 250, height: 190 };

/** Values by blocks of one's own, beside a value that is drawn as a line. */
function panel(
  title: string,
  values: readonly { own: number; value: number; low?: number; high?: number }[],
  reference: { readonly value: number; readonly name: string },
  domain: number[],
) {
  const x = {
    field: "own",
    type: "quantitative",
    title: "Blocks of its own, of 30",
    scale: { type: "sqrt", nice: false, domain: [0, Math.max(...values.map(({ own }) => own))] },
    axis: { values: values.map(({ own }) => own), format: "d", grid: false },
  } as const;
  const scale = { domain, zero: false, nice: false };
  const y = { field: "value", type: "quantitative", title, scale } as const;
  return {
    ...size,
    data: { values },
    layer: [
      {
        data: { values: [reference] },
        mark: { type: "rule", strokeDash: [4, 3], color: palette.axis },
        encoding: { y },
      },
      {
        data: { values: [reference] },
        mark: {
          type: "text",
          align: "right",
          dy: -7,
          color: palette.secondary,
          fontSize: FONT_SIZE.label,
        },
        encoding: { y, x: { value: size.width }, text: { field: "name" } },
      },
      {
        transform: [{ filter: "isValid(datum.low)" }],
        mark: { type: "rule", color: mark, opacity: 0.5, strokeWidth: 1.5 },
        encoding: { x, y: { ...y, field: "low" }, y2: { field: "high" } },
      },
      { mark: { type: "line", color: mark, strokeWidth: 1.25, opacity: 0.6 }, encoding: { x, y } },
      {
        mark: { type: "point", filled: true, size: 55, opacity: 1, color: mark },
        encoding: { x, y },
      },
    ],
  };
}

const spec = {
  $schema: "https://vega.github.io/schema/vega-lite/v6.json",
  title: titleLines(
    "An ARM on the trunk of SmolLM2, by blocks of its own",
    "Left: what it learns of 2,500 phrases of SST-2; bars as in the table below. Right: what a step takes.",
    2.3 * size.width,
  ),
  spacing: 30,
  hconcat: [
    panel("Squared error on SST-2", errors, { value: constant, name: "a constant" }, [0.1, 0.26]),
    panel("Step, × unguided", ratios, { value: 1.05, name: "1.05 ×" }, [0.8, 1.8]),
  ],
  config: themeConfig(palette),
};
await Deno.writeTextFile(
  new URL("trunk.svg", here),
  await renderSvg(spec as unknown as Parameters<typeof renderSvg>[0]),
);
