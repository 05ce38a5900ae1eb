/** Computes a function and writes its gradient at `point` into `gradient`. */
export type Objective = (point: Float64Array, gradient: Float64Array) => number;

/** Options for {@linkcode minimize}. */
export interface MinimizeOptions {
  /**
   * Stop when the norm of the gradient is below this share of its norm at the start.
   *
   * @default {1e-4}
   */
  tolerance?: number;
  /**
   * Stop after so many steps.
   *
   * @default {500}
   */
  maxSteps?: number;
}

/** How many past steps the curvature is estimated from. */
const MEMORY = 8;

/**
 * The minimum of a smooth convex function, from 0 by L-BFGS with backtracking (Nocedal and Wright,
 * Numerical Optimization, algorithm 7.5). Nothing is drawn at random.
 *
 * @param objective The function and its gradient.
 * @param dimension The length of the vectors.
 * @throws Error if the objective is not finite at 0.
 */
export function minimize(
  objective: Objective,
  dimension: number,
  options: MinimizeOptions = {},
): Float64Array {
  const { tolerance = 1e-4, maxSteps = 500 } = options;
  let point = new Float64Array(dimension);
  let gradient = new Float64Array(dimension);
  let value = objective(point, gradient);
  if (!Number.isFinite(value)) {
    throw new Error(`Cannot minimize as the objective is ${value} at the starting point`);
  }
  const enough = tolerance * norm(gradient);
  const past: { step: Float64Array; turn: Float64Array; curvature: number }[] = [];

  for (let count = 0; count < maxSteps && norm(gradient) > enough; count++) {
    const direction = descent(gradient, past);
    const slope = dot(gradient, direction);
    const nextGradient = new Float64Array(dimension);
    let length = 1;
    let next = moved(point, direction, length);
    let nextValue = objective(next, nextGradient);
    while (!(nextValue <= value + 1e-4 * length * slope)) {
      length /= 2;
      // No step goes down any more: what is left is rounding.
      if (length < 1e-12) return point;
      next = moved(point, direction, length);
      nextValue = objective(next, nextGradient);
    }

    const step = next.map((x, i) => x - point[i]);
    const turn = nextGradient.map((g, i) => g - gradient[i]);
    const curvature = dot(step, turn);
    if (curvature > 0) past.push({ step, turn, curvature });
    if (past.length > MEMORY) past.shift();
    [point, gradient, value] = [next, nextGradient, nextValue];
  }
  return point;
}

/** a + s·b. */
function moved(a: Float64Array, b: Float64Array, s: number): Float64Array<ArrayBuffer> {
  return a.map((x, i) => x + s * b[i]) as Float64Array<ArrayBuffer>;
}

/** −H⁻¹g with the inverse Hessian estimated from past steps (the two-loop recursion). */
function descent(
  gradient: Float64Array,
  past: { step: Float64Array; turn: Float64Array; curvature: number }[],
): Float64Array {
  const direction = gradient.map((g) => -g);
  const shares = past.map(() => 0);
  for (let k = past.length - 1; k >= 0; k--) {
    const { step, turn, curvature } = past[k];
    shares[k] = dot(step, direction) / curvature;
    add(direction, turn, -shares[k]);
  }
  const last = past.at(-1);
  const scale = last ? last.curvature / dot(last.turn, last.turn) : 1 / norm(gradient);
  for (let i = 0; i < direction.length; i++) direction[i] *= scale;
  for (const [k, { step, turn, curvature }] of past.entries()) {
    add(direction, step, shares[k] - dot(turn, direction) / curvature);
  }
  return direction;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function norm(a: Float64Array): number {
  return Math.sqrt(dot(a, a));
}

/** a ← a + s·b. */
function add(a: Float64Array, b: Float64Array, s: number): void {
  for (let i = 0; i < a.length; i++) a[i] += s * b[i];
}
