/** A point of a line. */
interface LinePoint {
  readonly x: number;
  readonly y: number;
}

/**
 * The places of the points that are enough to draw a line: the first, the last, and between them one at every equal
 * step of the line's length, both axes taken as equally long. So a steep part keeps more points than a flat one, and no
 * part of the drawing moves by more than one step.
 *
 * @param line points in the order in which they are joined.
 * @param most how many points are kept at most; at least 2.
 * @returns the places of the points that are kept, ascending.
 */
export function thinLine(line: readonly LinePoint[], most: number): number[] {
  if (line.length <= most) return line.map((_, i) => i);
  const [x, y] = [spread(line, "x"), spread(line, "y")];
  const lengths = [0];
  for (let i = 1; i < line.length; i++) {
    const step = Math.abs(line[i].x - line[i - 1].x) / x + Math.abs(line[i].y - line[i - 1].y) / y;
    lengths.push(lengths[i - 1] + step);
  }
  const kept = [0];
  const step = lengths[line.length - 1] / (most - 1);
  for (let i = 1; i < line.length - 1; i++) {
    // Counted from the start: steps counted from the last point kept would use fewer points.
    const isPast = Math.floor(lengths[i] / step) > Math.floor(lengths[i - 1] / step);
    if (isPast && kept.length < most - 1) kept.push(i);
  }
  return [...kept, line.length - 1];
}

/** How far the values reach; 1 for equal ones, which add no length. */
function spread(line: readonly LinePoint[], axis: "x" | "y"): number {
  let least = Infinity;
  let greatest = -Infinity;
  for (const point of line) {
    least = Math.min(least, point[axis]);
    greatest = Math.max(greatest, point[axis]);
  }
  return greatest - least || 1;
}
