import type { Resvg } from "@resvg/resvg-js";
import { optionalPackage } from "./optional_package.ts";
import type { OptionsOf, OptionTable } from "./options/option.ts";

/** How an SVG is drawn. */
export const pngOptions = {
  scale: {
    type: "number",
    above: 0,
    max: 16,
    help: "pixels of the image for each pixel of the figure",
    default: 2,
  },
  fontFiles: {
    type: "list",
    of: { type: "text" },
    help: "TrueType or OpenType files to take letters from, beside the fonts of the system",
    default: [],
  },
  systemFonts: {
    type: "boolean",
    help: "the fonts of the system, without which the image is the same on every machine",
    default: true,
  },
} as const satisfies OptionTable;

/** How an SVG is drawn. */
export type PngOptions = OptionsOf<typeof pngOptions>;

/**
 * Draws an SVG as PNG, on nothing but what the SVG itself has as a background.
 *
 * @throws SyntaxError if the string is not an SVG.
 * @throws {MissingPackage} if what draws it is not installed.
 * @throws Error if a font file is not there, or if there is text and no font to draw it with.
 */
export async function svgPng(svg: string, options: PngOptions = {}): Promise<Uint8Array> {
  const { scale = 2, fontFiles = [], systemFonts = true } = options;
  for (const path of fontFiles) {
    if (!await Deno.stat(path).then(({ isFile }) => isFile, () => false)) {
      throw new Error(`Cannot draw a PNG as the font '${path}' is not a file: correct 'fontFiles'`);
    }
  }
  // Loaded where an image is first drawn.
  const { Resvg } = await optionalPackage(
    () => import("@resvg/resvg-js"),
    "No PNG is drawn here, as resvg is not installed (a pack comes without it): use the SVG.",
  );
  const fonts = { loadSystemFonts: systemFonts, fontFiles: [...fontFiles] };
  const defaultFontFamily = svg.includes("<text") ? sansSerif(Resvg, fonts) : "";
  if (defaultFontFamily === undefined) {
    throw new Error(
      "Cannot draw the text of a PNG as no font is installed: install one (on Debian " +
        "'apt-get install fonts-dejavu-core'), name one in 'fontFiles', or use the SVG",
    );
  }
  let image: Resvg;
  try {
    image = new Resvg(svg, {
      fitTo: { mode: "zoom", value: scale },
      font: { ...fonts, ...(defaultFontFamily && { defaultFontFamily }) },
    });
  } catch (cause) {
    throw new SyntaxError(
      `Cannot draw a PNG as the string is not an SVG: ${(cause as Error).message}`,
      { cause },
    );
  }
  return new Uint8Array(image.render().asPng());
}

/** The usual fonts without serifs. */
const SANS_SERIF = ["Arial", "Helvetica", "Liberation Sans", "DejaVu Sans", "Noto Sans"];

/**
 * Which font to draw "sans-serif" with, or undefined if there is none to draw text with. Resvg knows it as Arial alone,
 * and where that is missing takes any font, such as one with serifs and without a bold face.
 */
function sansSerif(
  Drawing: typeof Resvg,
  font: { loadSystemFonts: boolean; fontFiles: string[] },
): string | undefined {
  // Text that no font has letters for is left out without a word, and a font that is missing is replaced without one,
  // so draw with each, and with one that is surely missing.
  const texts = ["no such font", ...SANS_SERIF].map((family) =>
    `<text y="15" font-weight="bold" font-family="${family}">Rg</text>`
  );
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20">${
    texts.join("")
  }</svg>`;
  const outlines = [...new Drawing(svg, { font }).toString().matchAll(/ d="([^"]+)"/g)];
  const [replaced, ...families] = outlines.map(([, outline]) => outline);
  if (replaced === undefined) return undefined;
  return SANS_SERIF[families.findIndex((outline) => outline !== replaced)] ?? "";
}
