/** Control and fluency of a system at one strength. */
export interface CurvePoint {
  /** Log-perplexity, in nats: lower is more fluent. */
  readonly logPerplexity: number;
  /** Control: higher is better. */
  readonly control: number;
}

/** A straight piece of a curve: from (x0, y0) to (x1, y1), x0 < x1. */
interface Piece {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/**
 * The control that a system reaches as a function of the fluency that is given up for it.
 *
 * Its points, in the order of β, are joined by straight lines; what is joined may go anywhere: a β that is too strong
 * makes text worse without more control, and the path turns back. With P the path,
 *
 *     C(x) = max { y : (u, y) ∈ P, u ≤ x },     x_min ≤ x ≤ x_max,
 *
 * the most control at a log-perplexity of at most x, where x_min and x_max are the least and the greatest log-perplexity
 * on the path. So C never falls: where the path turns back, C stays at the best that was reached, as one would choose a
 * smaller β. It is linear in pieces, and jumps only where the path goes straight up.
 */
export class ControlCurve {
  /** The least log-perplexity of the path. */
  readonly min: number;
  /** The greatest. */
  readonly max: number;
  readonly #pieces: readonly Piece[];
  /** The most control on the whole path. */
  readonly #most: number;

  /**
   * @param points at least two, in the order of β.
   * @throws RangeError if there are fewer, or a number is not finite.
   */
  constructor(points: readonly CurvePoint[]) {
    if (points.length < 2) {
      throw new RangeError(
        `A control curve needs at least two strengths: there ${
          points.length === 1 ? "is one" : "are none"
        }`,
      );
    }
    for (const { logPerplexity, control } of points) {
      if (!Number.isFinite(logPerplexity) || !Number.isFinite(control)) {
        throw new RangeError(
          `A control curve needs finite numbers: one point is (${logPerplexity}, ${control})`,
        );
      }
    }
    const xs = points.map(({ logPerplexity }) => logPerplexity);
    this.min = Math.min(...xs);
    this.max = Math.max(...xs);
    this.#most = Math.max(...points.map(({ control }) => control));
    this.#pieces = runningMaximum(points);
  }

  /** C(x). @throws RangeError if x is outside [min, max]. */
  at(x: number): number {
    if (!(x >= this.min && x <= this.max)) {
      throw new RangeError(
        `The control curve is not known at ${x}: it goes from ${this.min} to ${this.max}`,
      );
    }
    if (x === this.max) return this.#most;
    // the last piece that begins at x or before: where the curve jumps, what is reached there counts
    const piece = this.#pieces.findLast(({ x0 }) => x0 <= x)!;
    return valueOn(piece, x);
  }

  /** ∫ C(x) dx from a to b. @throws RangeError if that is not within [min, max]. */
  area(a: number, b: number): number {
    return difference(this, undefined, a, b).signed;
  }

  /** The pieces within [a, b]. @throws RangeError if that is not within [min, max]. */
  pieces(a: number, b: number): Piece[] {
    if (!(a >= this.min && b <= this.max && a <= b)) {
      throw new RangeError(
        `The control curve is not known from ${a} to ${b}: it goes from ${this.min} to ${this.max}`,
      );
    }
    return this.#pieces.filter(({ x0, x1 }) => x1 > a && x0 < b).map((piece) => cut(piece, a, b));
  }
}

/**
 * The area between two curves from a to b: `signed`, ∫ (C₁ − C₂) dx, and `absolute`, ∫ |C₁ − C₂| dx.
 *
 * @param second Default: 0 everywhere.
 * @throws RangeError if the curves are not both known from a to b.
 */
export function difference(
  first: ControlCurve,
  second: ControlCurve | undefined,
  a: number,
  b: number,
): { signed: number; absolute: number } {
  const ours = first.pieces(a, b);
  const theirs = second?.pieces(a, b) ?? [{ x0: a, y0: 0, x1: b, y1: 0 }];
  let signed = 0;
  let absolute = 0;
  for (let i = 0, j = 0; i < ours.length && j < theirs.length;) {
    const x0 = Math.max(ours[i].x0, theirs[j].x0);
    const x1 = Math.min(ours[i].x1, theirs[j].x1);
    const d0 = valueOn(ours[i], x0) - valueOn(theirs[j], x0);
    const d1 = valueOn(ours[i], x1) - valueOn(theirs[j], x1);
    const width = x1 - x0;
    signed += width * (d0 + d1) / 2;
    // where the curves cross, there are two triangles
    absolute += d0 * d1 >= 0
      ? width * Math.abs(d0 + d1) / 2
      : width * (d0 * d0 + d1 * d1) / (2 * (Math.abs(d0) + Math.abs(d1)));
    if (ours[i].x1 === x1) i++;
    if (theirs[j]?.x1 === x1) j++;
  }
  return { signed, absolute };
}

/** C as pieces that touch, from the least to the greatest log-perplexity. */
function runningMaximum(points: readonly CurvePoint[]): Piece[] {
  const segments: Piece[] = [];
  const stops = new Set(points.map(({ logPerplexity }) => logPerplexity));
  points.slice(1).forEach((to, i) => {
    const [left, right] = [points[i], to].sort((a, b) => a.logPerplexity - b.logPerplexity);
    if (left.logPerplexity === right.logPerplexity) return;
    segments.push({
      x0: left.logPerplexity,
      y0: left.control,
      x1: right.logPerplexity,
      y1: right.control,
    });
  });
  segments.forEach((one, i) => {
    for (const other of segments.slice(i + 1)) {
      const x = crossing(one, other);
      if (x !== undefined) stops.add(x);
    }
  });
  const xs = [...stops].sort((a, b) => a - b);
  const pieces: Piece[] = [];
  let best = -Infinity;
  const add = (x0: number, y0: number, x1: number, y1: number) => {
    if (x1 > x0) pieces.push({ x0, y0, x1, y1 });
  };
  for (let i = 0; i + 1 < xs.length; i++) {
    const [x0, x1] = [xs[i], xs[i + 1]];
    for (const { logPerplexity, control } of points) {
      if (logPerplexity === x0) best = Math.max(best, control);
    }
    // between two stops no segments cross, so one of them is the highest all the way
    const middle = (x0 + x1) / 2;
    const top = segments.filter((segment) => segment.x0 <= x0 && segment.x1 >= x1)
      .reduce((a, b) => valueOn(b, middle) > valueOn(a, middle) ? b : a);
    const [y0, y1] = [valueOn(top, x0), valueOn(top, x1)];
    best = Math.max(best, y0);
    if (y1 <= best) {
      add(x0, best, x1, best);
    } else {
      const meets = y0 >= best ? x0 : Math.min(x1, x0 + (best - y0) / (y1 - y0) * (x1 - x0));
      add(x0, best, meets, best);
      add(meets, best, x1, y1);
      best = y1;
    }
  }
  return pieces;
}

/** Where two segments cross, if they do so within both. */
function crossing(a: Piece, b: Piece): number | undefined {
  const from = Math.max(a.x0, b.x0);
  const to = Math.min(a.x1, b.x1);
  if (from >= to) return undefined;
  const d0 = valueOn(a, from) - valueOn(b, from);
  const d1 = valueOn(a, to) - valueOn(b, to);
  if (d0 * d1 >= 0) return undefined;
  const x = from + d0 / (d0 - d1) * (to - from);
  return x > from && x < to ? x : undefined;
}

function valueOn({ x0, y0, x1, y1 }: Piece, x: number): number {
  if (x === x0) return y0;
  if (x === x1) return y1;
  return y0 + (x - x0) / (x1 - x0) * (y1 - y0);
}

function cut(piece: Piece, a: number, b: number): Piece {
  const x0 = Math.max(piece.x0, a);
  const x1 = Math.min(piece.x1, b);
  return { x0, y0: valueOn(piece, x0), x1, y1: valueOn(piece, x1) };
}
