import { type Box, placeLabel, type Position, type Segment } from "./label_placement.ts";
import { FONT_SIZE, textWidth } from "./theme.ts";

/** A line of a plot, in pixels, and the name of its series. */
export interface NamedLine {
  readonly name: string;
  /** The points of the line in the order in which they are joined. */
  readonly points: readonly Position[];
}

/** How many places along a line are tried. */
const TRIED = 60;
/** The distance of a name from its line, in pixels. */
const GAP = 4;
/** Other lines are farther off than the own one, so that a name cannot be taken for theirs. */
const CLEARANCE = 8;

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
  const boxes: Box[] = [];
  return lines.map(({ name, points }, i) => {
    const size = { width: textWidth(name, FONT_SIZE.series, "bold"), height: FONT_SIZE.series + 1 };
    const surroundings = {
      frame: { left: 2, top: 2, right: width - 2, bottom: height - 2 },
      boxes,
      segments: lines.flatMap((line, j) => segmentsOf(line.points, j === i ? 0 : CLEARANCE)),
    };
    let box: Box | undefined;
    anchors(points).find((at) => box = placeLabel(at, size, GAP, surroundings));
    if (!box) return undefined;
    boxes.push(box);
    return { x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2 };
  });
}

function segmentsOf(points: readonly Position[], clearance: number): Segment[] {
  return points.slice(1).map((to, i) => ({ from: points[i], to, cost: Infinity, clearance }));
}

/** Places on a line from its end to its start. */
function anchors(points: readonly Position[]): Position[] {
  const last = points.length - 1;
  const places = Array.from({ length: TRIED }, (_, i) => Math.round(last * (1 - i / (TRIED - 1))));
  return [...new Set(places)].map((place) => points[place]);
}
