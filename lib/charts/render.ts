import type { TopLevelSpec } from "vega-lite";
import type { OptionTable, ValueKind } from "../options/option.ts";
import { checkArgument, settle } from "../options/settle.ts";
import { type PngOptions, pngOptions, svgPng } from "../svg_png.ts";
import { textWidth } from "./theme.ts";

/** The item of Vega's scene that a text belongs to. */
interface TextItem {
  fontSize?: number;
  fontWeight?: string | number;
  limit?: number;
}

/** Vega and Vega-Lite, loaded where a chart is first drawn: a spec is made without. */
async function openVega() {
  const [vega, vegaLite] = await Promise.all([import("vega"), import("vega-lite")]);
  // An export of Vega that its types lack.
  const { textMetrics } = vega as unknown as {
    textMetrics: { width: (item: TextItem, text: string) => number };
  };
  // Without a canvas Vega takes every sign for 0.8 em, and leaves so much room for long titles that
  // figures have wide empty margins.
  textMetrics.width = ({ fontSize = 11, fontWeight, limit }, text) =>
    Math.min(
      limit || Infinity,
      textWidth(text ?? "", fontSize, fontWeight === "bold" ? "bold" : "normal"),
    );
  return { vega, compile: vegaLite.compile };
}

/** The kind of a spec. */
export const specKind = {
  type: "value",
  is: isSpec,
  what: "a Vega-Lite spec, such as tradeOffChart() makes",
} as const satisfies ValueKind;

function isSpec(value: unknown): value is TopLevelSpec {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Draws a Vega-Lite spec as SVG, without a browser.
 *
 * @throws Error if the spec does not compile or its data cannot be drawn.
 */
export async function renderSvg(spec: TopLevelSpec): Promise<string> {
  checkArgument("renderSvg", "spec", specKind, spec);
  const { vega, compile } = await openVega();
  // A copy, as Vega marks the data that it draws.
  const { spec: compiled } = compile(structuredClone(spec));
  const view = new vega.View(vega.parse(compiled), { renderer: "none" });
  try {
    return wellFormed(await view.toSVG());
  } finally {
    view.finalize();
  }
}

/** The options of {@linkcode renderPng}. */
export const renderPngOptions = pngOptions satisfies OptionTable;

/**
 * Draws a Vega-Lite spec, or an SVG, as PNG on the background that it has.
 *
 * @throws RangeError if the scale is out of range.
 * @throws SyntaxError if a string is not an SVG.
 * @throws Error if a font file is not there, or if there is text and no font to draw it with.
 */
export async function renderPng(
  svgOrSpec: string | TopLevelSpec,
  options: PngOptions = {},
): Promise<Uint8Array> {
  const settled = settle("renderPng", renderPngOptions, options);
  return await svgPng(
    typeof svgOrSpec === "string" ? svgOrSpec : await renderSvg(svgOrSpec),
    settled,
  );
}

/** Vega escapes markup but passes on characters that XML does not allow at all. */
function wellFormed(svg: string): string {
  // deno-lint-ignore no-control-regex
  return svg.toWellFormed().replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "�");
}
