import type { TopLevelSpec } from "vega-lite";
import { displayedAs, type MediaBundle } from "../notebook/display.ts";
import { visible } from "../notebook/visible.ts";
import type { PngOptions } from "../svg_png.ts";
import { type Palette, palettes, type ThemeName } from "./palette.ts";

/** Sharp, and still no wider than the column of a notebook that is shown without JavaScript. */
const SCALE = 1.5;

/**
 * A spec that shows itself as a chart where it is the value of a notebook's cell.
 *
 * @param theme what it is drawn on. Default: light, for files; and transparent where a notebook shows it, as neither
 *   Vega nor an image knows whether the page is light or dark.
 * @param draw makes the spec in the colours of a theme.
 */
export function chart(
  theme: ThemeName | undefined,
  draw: (palette: Palette) => TopLevelSpec,
): TopLevelSpec {
  const spec = draw(palettes[theme ?? "light"]);
  return displayedAs(spec, () => chartLook(theme ? spec : draw(palettes.transparent)));
}

/**
 * What a notebook shows of a spec: the spec itself, which JupyterLab draws so that readers can hover over points, and
 * an image for whatever knows no Vega, such as GitHub. The image is an SVG where no font is installed to draw a PNG with.
 *
 * @throws {Error} if the spec does not compile or its data cannot be drawn.
 */
export async function chartLook(
  spec: TopLevelSpec,
  options: PngOptions = {},
): Promise<MediaBundle> {
  // Charts that are never shown need no Vega.
  const { renderPng, renderSvg } = await import("./render.ts");
  const svg = await renderSvg(spec);
  const image = await renderPng(svg, { scale: SCALE, ...options }).then(
    (png) => ({ "image/png": png.toBase64() }),
    () => ({ "image/svg+xml": svg }),
  );
  return {
    "application/vnd.vegalite.v5+json": spec,
    ...image,
    "text/plain": visible(spec.description ?? "A chart"),
  };
}
