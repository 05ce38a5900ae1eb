import { type Box, placeLabel, type Position, type Segment } from "./label_placement.ts";
import { FONT_SIZE, textWidth } from "./theme.ts";

/** A line of a plot, in pixels, and the name of its series. */
export interface NamedLine {
  readonly name: string;
  /** The points of the line in the order in which they are joined. */
  readonly points: readonly Position[];
  /**
   * Whether it is no series: names cannot be taken for its own, and may cover it if there is no better place.
   *
   * @default {false}
   */
  readonly isRule?: boolean;
}

/** How many places along a line are tried. */
const TRIED = 60;
/** Distances of a name from its line that are tried, in pixels. */
const GAPS = [3, 6, 9, 12, 15];
/** So much farther off are other lines at least, so that a name cannot be taken for theirs. */
const CLEARANCE = 2;
/** What it costs to cover a rule, in pixels of distance from the line. */
const RULE_COST = 10;

/**
 * The centres of the names of lines that have no points: each beside its own line, as near to the line's end as it
 * fits, covering no line and no other name, and with no other line as near as its own.
 *
 * @param size the width and height of the plot, in pixels.
 * @returns one centre a line, undefined where a name has no place.
 */
export function placeLineNames(
  lines: readonly NamedLine[],
  { width, height }: { width: number; height: number },
): (Position | undefined)[] {
  const frame = { left: 2, top: 2, right: width - 2, bottom: height - 2 };
  const boxes: Box[] = [];
  return lines.map(({ name, points }, i) => {
    const size = { width: textWidth(name, FONT_SIZE.series, "bold"), height: FONT_SIZE.series + 1 };
    let box: Box | undefined;
    for (const gap of GAPS) {
      const segments = lines.flatMap(({ points, isRule }, j) => {
        if (j === i) return segmentsOf(points, Infinity, 0);
        return isRule
          ? segmentsOf(points, RULE_COST, 0)
          : segmentsOf(points, Infinity, gap + CLEARANCE);
      });
      const surroundings = { frame, boxes, segments };
      if (anchors(points).find((at) => box = placeLabel(at, size, [gap], surroundings))) break;
    }
    if (!box) return undefined;
    boxes.push(box);
    return { x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2 };
  });
}

function segmentsOf(points: readonly Position[], cost: number, clearance: number): Segment[] {
  return points.slice(1).map((to, i) => ({ from: points[i], to, cost, clearance }));
}

/** Places on a line from its end to its start. */
function anchors(points: readonly Position[]): Position[] {
  const last = points.length - 1;
  const places = Array.from({ length: TRIED }, (_, i) => Math.round(last * (1 - i / (TRIED - 1))));
  return [...new Set(places)].map((place) => points[place]);
}
