import type { AxisRange } from "./axis_range.ts";
import {
  type Box,
  placeLabel,
  type Position,
  ringsFrom,
  type Segment,
  type Surroundings,
} from "./label_placement.ts";
import { type Palette, seriesStyle } from "./palette.ts";
import { FONT_SIZE, textWidth } from "./theme.ts";
import type { Point, Series } from "./trade_off_points.ts";

/** How far a drawn point reaches, in pixels. */
const POINT_RADIUS = 4.5;
/** What it costs to cover a line or an interval, in pixels of distance from the point. */
const COVERING_COST = 12;
/** Points of a line that are nearer than this to a labelled one of it need no label, in pixels. */
const APART = 22;
/** Names may take the places of a fifth of the labels. */
const MOST_BETAS = 0.8;
/** How far names keep off the lines of other systems, so that they cannot be taken for theirs, in pixels. */
const CLEARANCE = 8;

/** A place in the units of the axes. */
type Place = Pick<Point, "score" | "perplexity">;

/** A text centred on a place. */
export interface Label extends Place {
  text: string;
  /** The series whose colour it has. */
  series: Series;
}

/** The colour of a label. */
export function labelFill({ series }: Label, palette: Palette): string {
  return seriesStyle(palette, series.position).text;
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

/** A series and its points in the order of β. */
interface Line {
  readonly series: Series;
  readonly points: readonly Point[];
}

/**
 * Places the names of the series and the β of the points. Names are left out if one has no place, or if they would
 * take the places of many a β; a β is left out where it has none. The ends of a line go first: between them β rises, so that
 * where points crowd, those that are near a labelled one of their line need none, and those of which a reader could not
 * tell the label from a neighbour's get none.
 *
 * @param options `names: false` leaves names out.
 */
export function placeLabels(
  points: readonly Point[],
  series: readonly Series[],
  plot: Plot,
  options: { names?: boolean } = {},
): Labels {
  const lines = series.map((series) => ({
    series,
    points: points.filter(({ system }) => system === series.name)
      .toSorted((a, b) => (a.beta ?? 0) - (b.beta ?? 0)),
  })).filter(({ points }) => points.length > 0);
  const alone = { names: undefined, betas: placeBetas(lines, [], plot) };
  if (options.names === false) return alone;
  const names = placeNames(lines, plot);
  if (!names) return alone;
  const betas = placeBetas(lines, names.boxes, plot);
  const isCrowded = betas.length < MOST_BETAS * alone.betas.length;
  return isCrowded ? alone : { names: names.labels, betas };
}

/** The names at points of the lines, clear of everything, or undefined if one has no place. */
function placeNames(
  lines: readonly Line[],
  plot: Plot,
): { labels: Label[]; boxes: Box[] } | undefined {
  const { frame, boxes: points } = surroundingsOf(lines, plot, Infinity);
  const boxes: Box[] = [];
  const labels: Label[] = [];
  for (const [i, { series, points: own }] of lines.entries()) {
    const { name } = series;
    const size = {
      width: textWidth(name, FONT_SIZE.series, "bold"),
      height: FONT_SIZE.series + 1,
    };
    // The ends first, then the points between them from the strongest guidance on.
    const anchors = [own.at(-1)!, own[0], ...own.slice(1, -1).toReversed()];
    const surroundings = {
      frame,
      boxes: [...points, ...boxes],
      segments: lines.flatMap((line, j) =>
        surroundingsOf([line], plot, Infinity).segments.map((segment) => (
          { ...segment, clearance: j === i ? 0 : CLEARANCE }
        ))
      ),
    };
    let box: Box | undefined;
    anchors.find((point) =>
      box = placeLabel(pixelOf(point, plot), size, ringsFrom(POINT_RADIUS + 3), surroundings)
    );
    if (!box) return undefined;
    boxes.push(box);
    labels.push(labelAt(box, name, series, plot));
  }
  return { labels, boxes };
}

/** The β of the points, clear of the names, where there is a place. */
function placeBetas(lines: readonly Line[], names: readonly Box[], plot: Plot): Label[] {
  const boxes = [...surroundingsOf(lines, plot, 0).boxes, ...names];
  const labels: Label[] = [];
  const labelled: { series: Series; text: string; at: Position }[] = [];
  const surroundings = { ...surroundingsOf(lines, plot, COVERING_COST), boxes };
  const clear = { ...surroundingsOf(lines, plot, Infinity), boxes };
  const rivalsOf = (series: Series) =>
    surroundingsOf(lines.filter((line) => line.series !== series), plot, 0).boxes;
  const place = (series: Series, point: Point, isEnd: boolean) => {
    if (point.beta === undefined) return;
    const text = String(point.beta);
    const at = pixelOf(point, plot);
    const isNear = (label: typeof labelled[number], distance: number) =>
      Math.hypot(label.at.x - at.x, label.at.y - at.y) < distance;
    const needsNone = labelled.some((label) =>
      // Unsteered systems (β = 0) are often one and the same point: one label is enough.
      label.text === text && isNear(label, POINT_RADIUS) ||
      !isEnd && label.series === series && isNear(label, APART)
    );
    if (needsNone) return;
    const size = { width: textWidth(text, FONT_SIZE.label), height: FONT_SIZE.label };
    const rings = ringsFrom(POINT_RADIUS + 1);
    const box = isEnd
      ? placeLabel(at, size, rings, surroundings)
      : placeLabel(at, size, rings.slice(0, 2), clear, rivalsOf(series));
    if (!box) return;
    boxes.push(box);
    labelled.push({ series, text, at });
    labels.push(labelAt(box, text, series, plot));
  };
  // Measured systems first: published points are a background to them.
  const inOrder = lines.toSorted((a, b) =>
    Number(a.series.isPublished) - Number(b.series.isPublished)
  );
  for (const { series, points } of inOrder) place(series, points.at(-1)!, true);
  for (const { series, points } of inOrder) place(series, points[0], true);
  for (const { series, points } of inOrder) {
    for (const point of points.slice(1, -1).toReversed()) place(series, point, false);
  }
  return labels;
}

function pixelOf(place: Place, { x, y, width, height }: Plot) {
  return { x: width * x.share(place.score), y: height * (1 - y.share(place.perplexity)) };
}

function labelAt(box: Box, text: string, series: Series, { x, y, width, height }: Plot): Label {
  return {
    text,
    series,
    score: x.value((box.left + box.right) / 2 / width),
    perplexity: y.value(1 - (box.top + box.bottom) / 2 / height),
  };
}

/** The points, the lines and the interval rules, in pixels. */
function surroundingsOf(
  lines: readonly Line[],
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
    boxes: lines.flatMap(({ points }) => points).map((point) => {
      const { x, y } = pixelOf(point, plot);
      return {
        left: x - POINT_RADIUS,
        top: y - POINT_RADIUS,
        right: x + POINT_RADIUS,
        bottom: y + POINT_RADIUS,
      };
    }),
    segments: lines.flatMap(({ points: line }) => [
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
