import type { MediaBundle } from "../notebook/display.ts";
import { tableLook } from "../notebook/table_look.ts";
import { type Box, type Group, outlineOf, reachOf } from "./outline.ts";
import type { Tensor } from "../graph/tensor.ts";

/** With more ops a picture is too large to be read. */
const mostDrawnOps = 150;

/** With results that reach further a picture takes seconds, in which the notebook stands still. */
const mostReach = 500;

/** The image of a large graph is made smaller than twice its size, so that it is no more than these pixels. */
const mostPixels = 8e6;

/** What a notebook shows of a graph: a picture of its ops, or a table of them where they are many. */
export async function graphLook(outputs: Readonly<Record<string, Tensor>>): Promise<MediaBundle> {
  const outline = outlineOf(outputs);
  const boxes = [...boxesIn(outline)];
  const ops = boxes.filter(({ kind }) => kind === "op");
  const reason = ops.length > mostDrawnOps
    ? ", too many for a picture"
    : reachOf(outline) > mostReach
    ? ", too entangled for a picture"
    : "";
  const table = tableOf(boxes, `A graph of ${ops.length} ops${reason}`);
  if (reason) return table;
  const { pictureOf } = await import("./picture.ts");
  const svg = await pictureOf(outline);
  return {
    "image/svg+xml": svg,
    ...await imageOf(svg),
    "text/plain": table["text/plain"],
  };
}

/** The picture for whatever shows no SVG, such as GitHub; none where there is no font to draw it with. */
async function imageOf(svg: string): Promise<MediaBundle> {
  const { svgPng } = await import("../svg_png.ts");
  const [width, height] = [/width="(\d+)pt"/, /height="(\d+)pt"/].map((extent) =>
    Number(extent.exec(svg)![1]) * 4 / 3
  );
  const scale = Math.min(2, Math.sqrt(mostPixels / (width * height)));
  return await svgPng(svg, { scale }).then(
    (png) => ({ "image/png": png.toBase64() }),
    () => ({}),
  );
}

function* boxesIn({ boxes, groups }: Group): Generator<Box> {
  yield* boxes;
  for (const group of groups) yield* boxesIn(group);
}

function tableOf(boxes: readonly Box[], title: string): MediaBundle {
  const counts = new Map<string, number>();
  for (const { kind, lines: [name] } of boxes) {
    if (kind === "op") counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const named = (wanted: Box["kind"]) =>
    boxes.filter(({ kind }) => kind === wanted)
      .map(({ kind, lines: [name, type] }) => [kind, name, type]);
  return tableLook({
    title,
    columns: [{ name: "kind" }, { name: "name" }, { name: "count, or type" }],
    rows: [
      ...shortened(named("input")),
      ...shortened(named("weight")),
      ...[...counts].sort(([, a], [, b]) => b - a).map(([name, count]) => ["op", name, `${count}`]),
      ...shortened(named("output")),
    ],
  });
}

/** The longest list of names that is shown whole. */
const longestList = 20;

function shortened(rows: readonly string[][]): readonly string[][] {
  if (rows.length <= longestList) return rows;
  const more = rows.length - longestList;
  return [...rows.slice(0, longestList), [rows[0][0], `… and ${more} more`, ""]];
}
