import type { AxisRange } from "./axis_range.ts";
import {
  type Box,
  placeLabel,
  type Position,
  ringsFrom,
  type Segment,
  type Surroundings,
} from "./label_placement.ts";
import { FONT_SIZE, seriesStyle, textWidth } from "./theme.ts";

/** How far a drawn point reaches, in pixels. */
const POINT_RADIUS = 4.5;
/** What it costs to cover a line or an interval, in pixels of distance from the point. */
const COVERING_COST = 12;

/** A place in the units of the axes. */
interface Place {
  score: number;
  perplexity: number;
}

/** One system at one guidance strength; interval ends are there in pairs or not at all. */
export interface Point extends Place {
  system: string;
  beta: number;
  scoreLow?: number;
  scoreHigh?: number;
  perplexityLow?: number;
  perplexityHigh?: number;
}

/** A text centred on a place. */
export interface Label extends Place {
  text: string;
  fill: string;
}

/** The plot's axes and its size in pixels. */
export interface Plot {
  x: AxisRange;
  y: AxisRange;
  width: number;
  height: number;
}

/** Where labels go; `names` is undefined where a legend is needed. */
export interface Labels {
  names: Label[] | undefined;
  betas: Label[];
}

/** Places the names of the systems and the β of the points, if all fit; otherwise only the latter. */
export function placeLabels(points: readonly Point[], plot: Plot): Labels {
  const lines = [...Map.groupBy(points, ({ system }) => system).values()].map((line) =>
    line.toSorted((a, b) => a.beta - b.beta)
  );
  const names = placeNames(lines, plot);
  const betas = names && placeBetas(lines, names.boxes, plot);
  return betas?.complete
    ? { names: names!.labels, betas: betas.labels }
    : { names: undefined, betas: placeBetas(lines, [], plot).labels };
}

/** The names at the ends of the lines, clear of everything, or undefined if one has no place. */
function placeNames(
  lines: readonly (readonly Point[])[],
  plot: Plot,
): { labels: Label[]; boxes: Box[] } | undefined {
  const surroundings = surroundingsOf(lines, plot, Infinity);
  const boxes: Box[] = [];
  const labels: Label[] = [];
  for (const [i, line] of lines.entries()) {
    const text = line[0].system;
    const size = {
      width: textWidth(text, FONT_SIZE.series, "bold"),
      height: FONT_SIZE.series + 1,
    };
    const box = placeLabel(
      pixelOf(line.at(-1)!, plot),
      size,
      ringsFrom(POINT_RADIUS + 3),
      surroundings,
    );
    if (!box) return undefined;
    surroundings.boxes.push(box);
    boxes.push(box);
    labels.push(labelAt(box, text, seriesStyle(i).text, plot));
  }
  return { labels, boxes };
}

/** The β of the points, clear of the names, and whether there was a place for each. */
function placeBetas(
  lines: readonly (readonly Point[])[],
  names: readonly Box[],
  plot: Plot,
): { labels: Label[]; complete: boolean } {
  const surroundings = surroundingsOf(lines, plot, COVERING_COST);
  surroundings.boxes.push(...names);
  const labels: Label[] = [];
  const labelled: { text: string; at: Position }[] = [];
  let complete = true;
  for (const [i, line] of lines.entries()) {
    for (const point of line) {
      const text = String(point.beta);
      const at = pixelOf(point, plot);
      // Unsteered systems (β = 0) are often one and the same point: one label is enough.
      const isLabelled = labelled.some((other) =>
        other.text === text && Math.hypot(other.at.x - at.x, other.at.y - at.y) < POINT_RADIUS
      );
      if (isLabelled) continue;
      const size = { width: textWidth(text, FONT_SIZE.label), height: FONT_SIZE.label };
      const box = placeLabel(at, size, ringsFrom(POINT_RADIUS + 1), surroundings);
      if (!box) {
        complete = false;
        continue;
      }
      surroundings.boxes.push(box);
      labelled.push({ text, at });
      labels.push(labelAt(box, text, seriesStyle(i).text, plot));
    }
  }
  return { labels, complete };
}

function pixelOf(place: Place, { x, y, width, height }: Plot) {
  return { x: width * x.share(place.score), y: height * (1 - y.share(place.perplexity)) };
}

function labelAt(box: Box, text: string, fill: string, { x, y, width, height }: Plot): Label {
  return {
    text,
    fill,
    score: x.value((box.left + box.right) / 2 / width),
    perplexity: y.value(1 - (box.top + box.bottom) / 2 / height),
  };
}

/** The points, the lines and the interval rules, in pixels. */
function surroundingsOf(
  lines: readonly (readonly Point[])[],
  plot: Plot,
  lineCost: number,
): Surroundings {
  const segment = (from: Place, to: Place, cost: number): Segment => ({
    from: pixelOf(from, plot),
    to: pixelOf(to, plot),
    cost,
  });
  return {
    frame: { left: 2, top: 2, right: plot.width - 2, bottom: plot.height - 2 },
    boxes: lines.flat().map((point) => {
      const { x, y } = pixelOf(point, plot);
      return {
        left: x - POINT_RADIUS,
        top: y - POINT_RADIUS,
        right: x + POINT_RADIUS,
        bottom: y + POINT_RADIUS,
      };
    }),
    segments: lines.flatMap((line) => [
      ...line.slice(1).map((point, i) => segment(line[i], point, lineCost)),
      ...line.flatMap(({ score, perplexity, ...ends }) => [
        segment(
          { score: ends.scoreLow ?? score, perplexity },
          { score: ends.scoreHigh ?? score, perplexity },
          COVERING_COST,
        ),
        segment(
          { score, perplexity: ends.perplexityLow ?? perplexity },
          { score, perplexity: ends.perplexityHigh ?? perplexity },
          COVERING_COST,
        ),
      ]),
    ]),
  };
}
