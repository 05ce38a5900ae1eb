import { join } from "node:path";
import type { TopLevelSpec } from "vega-lite";
import { writeAtomically } from "../files/atomic_write.ts";
import { makeFolder } from "../files/make_folder.ts";
import type { OptionTable } from "../options/option.ts";
import { checkArgument, settle } from "../options/settle.ts";
import { unlessMissing } from "../optional_package.ts";
import { type PngOptions, pngOptions } from "../svg_png.ts";
import { renderPng, renderSvg, specKind } from "./render.ts";

/** Where the files of a chart are. */
export interface ChartFiles {
  /** The Vega-Lite spec, with its data in it. */
  readonly spec: string;
  readonly svg: string;
  readonly png: string;
}

/** The files that {@linkcode writeChart} writes. */
export function chartFiles(folder: string, name: string): ChartFiles {
  return {
    spec: join(folder, `${name}.vl.json`),
    svg: join(folder, `${name}.svg`),
    png: join(folder, `${name}.png`),
  };
}

/** The options of {@linkcode writeChart}: how the PNG is drawn. */
export const writeChartOptions = pngOptions satisfies OptionTable;

/**
 * Writes a chart as `name.vl.json`, `name.svg` and `name.png`, each whole or not at all. Where what draws PNGs is not
 * installed, as in a pack, that one is left out, and standard error says so.
 *
 * @param folder it is made if it is not there.
 * @param name the name of the files without an ending.
 * @param options how the PNG is drawn.
 * @returns where the files are.
 * @throws {RangeError} if the name is no name of a file, or the scale of the PNG is out of range.
 * @throws {TypeError} if an argument is missing or of another type, or an option is unknown.
 * @throws {Error} if a file cannot be written, the chart cannot be drawn, or no font is installed to draw the PNG with;
 *   the spec and the SVG are there in the last case.
 */
export async function writeChart(
  folder: string,
  name: string,
  spec: TopLevelSpec,
  options: PngOptions = {},
): Promise<ChartFiles> {
  checkArgument("writeChart", "folder", { type: "text" }, folder);
  checkArgument("writeChart", "name", { type: "text" }, name);
  checkArgument("writeChart", "spec", specKind, spec);
  const settled = settle("writeChart", writeChartOptions, options);
  if (!/^[^/\\\0]+$/.test(name)) {
    throw new RangeError(
      `Cannot write a chart as 'name' must be the name of a file: it is ${JSON.stringify(name)}`,
    );
  }
  const files = chartFiles(folder, name);
  await makeFolder(folder);
  await writeAtomically(files.spec, JSON.stringify(spec, null, 2) + "\n");
  const svg = await renderSvg(spec);
  await writeAtomically(files.svg, svg);
  // last, as it alone needs a font
  await unlessMissing(async () => {
    await writeAtomically(files.png, await renderPng(svg, settled));
  });
  return files;
}
