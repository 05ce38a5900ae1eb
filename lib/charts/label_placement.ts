/** A rectangle in pixels; y grows downwards. */
export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** A point in pixels. */
export interface Position {
  x: number;
  y: number;
}

/** A straight line, and what covering it costs, in pixels of distance from the point. */
export interface Segment {
  from: Position;
  to: Position;
  /** `Infinity` for a line that must not be covered. */
  cost: number;
  /**
   * How near a label may come without covering the line, in pixels.
   *
   * @default {0}
   */
  clearance?: number;
}

/** What a label has to fit into and keep off. */
export interface Surroundings {
  /** Labels stay inside. */
  frame: Box;
  /** Points and labels that are there already: a label must not cover them. */
  boxes: Box[];
  /** Lines: a label may cover one if there is no better place. */
  segments: Segment[];
}

/** Three distances, each farther than the one before by less than a line of text. */
export function ringsFrom(gap: number): number[] {
  return [gap, gap + 4, gap + 8];
}

/** What it costs if a label could be taken for that of a neighbour, in pixels of distance. */
const AMBIGUITY_COST = 6;

/**
 * The best place for a label near a point: around it in rings, clear of all boxes, as near as
 * possible, off the lines as far as these cost, and nearer to the point than to others.
 *
 * @param anchor The point that the label belongs to.
 * @param size The width and height of the label.
 * @param gaps The distances from the point to the nearest edge of the label that are tried.
 * @param rivals Boxes that a label must not be taken for a label of: a place that is as near to one of them is none.
 * @returns The box of the label, or undefined where every place would cover something.
 */
export function placeLabel(
  anchor: Position,
  size: { width: number; height: number },
  gaps: readonly number[],
  surroundings: Surroundings,
  rivals: readonly Box[] = [],
): Box | undefined {
  const { frame, boxes, segments } = surroundings;
  let best: Box | undefined;
  let lowest = Infinity;
  for (const distance of gaps) {
    for (const place of around(anchor, size, distance)) {
      const box = shiftedInside(place, frame, anchor);
      if (!inside(box, frame) || boxes.some((other) => overlap(box, other))) continue;
      if (isAmbiguous(box, anchor, distance, rivals)) continue;
      let cost = distance - gaps[0] +
        (isAmbiguous(box, anchor, distance, boxes) ? AMBIGUITY_COST : 0);
      for (const segment of segments) {
        if (cost >= lowest) break;
        if (isNear(segment, box) && crosses(segment, grown(box, segment.clearance ?? 0))) {
          cost += segment.cost;
        }
      }
      if (cost < lowest) [best, lowest] = [box, cost];
    }
  }
  return best;
}

/** Boxes at a distance from a point, in order of preference: sides first, then corners. */
function around({ x, y }: Position, size: { width: number; height: number }, gap: number): Box[] {
  const { width, height } = size;
  const diagonal = gap * Math.SQRT1_2;
  const corners: [left: number, top: number][] = [
    [x - width / 2, y - gap - height],
    [x + gap, y - height / 2],
    [x - gap - width, y - height / 2],
    [x - width / 2, y + gap],
    [x + diagonal, y - diagonal - height],
    [x - diagonal - width, y - diagonal - height],
    [x + diagonal, y + diagonal],
    [x - diagonal - width, y + diagonal],
  ];
  return corners.map(([left, top]) => ({ left, top, right: left + width, bottom: top + height }));
}

/** Boxes above or below the point may be moved sideways into the frame without covering it. */
function shiftedInside(box: Box, frame: Box, anchor: Position): Box {
  const isBeside = box.top < anchor.y && anchor.y < box.bottom;
  const shift = isBeside
    ? 0
    : Math.max(0, frame.left - box.left) - Math.max(0, box.right - frame.right);
  return { ...box, left: box.left + shift, right: box.right + shift };
}

/** Whether something else than the point is at least as near to the label as the point. */
function isAmbiguous(label: Box, anchor: Position, distance: number, boxes: readonly Box[]) {
  const wider = grown(label, distance);
  return boxes.some((box) => !contains(box, anchor) && overlap(box, wider));
}

function grown({ left, top, right, bottom }: Box, by: number): Box {
  return { left: left - by, top: top - by, right: right + by, bottom: bottom + by };
}

function contains(box: Box, { x, y }: Position): boolean {
  return box.left <= x && x <= box.right && box.top <= y && y <= box.bottom;
}

function inside(box: Box, frame: Box): boolean {
  return box.left >= frame.left && box.right <= frame.right && box.top >= frame.top &&
    box.bottom <= frame.bottom;
}

/** Whether two boxes share more than an edge. */
function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

/** Whether a line may cover a box: most lines of a plot are far from it, which costs less to see than to clip them. */
function isNear({ from, to, clearance = 0 }: Segment, box: Box): boolean {
  return Math.max(from.x, to.x) >= box.left - clearance &&
    Math.min(from.x, to.x) <= box.right + clearance &&
    Math.max(from.y, to.y) >= box.top - clearance &&
    Math.min(from.y, to.y) <= box.bottom + clearance;
}

/** Whether a line goes through a box (Liang–Barsky clipping). */
function crosses({ from, to }: Segment, box: Box): boolean {
  let enter = 0;
  let leave = 1;
  for (
    const [start, length, low, high] of [
      [from.x, to.x - from.x, box.left, box.right],
      [from.y, to.y - from.y, box.top, box.bottom],
    ]
  ) {
    if (length === 0) {
      if (start <= low || start >= high) return false;
      continue;
    }
    const ends = [(low - start) / length, (high - start) / length];
    enter = Math.max(enter, Math.min(...ends));
    leave = Math.min(leave, Math.max(...ends));
  }
  return enter < leave;
}
