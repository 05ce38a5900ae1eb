import assert from "node:assert/strict";
import fc from "fast-check";
import { type Dim, evaluate, type Shape } from "../../lib/graph/dim.ts";
import { gradients } from "../../lib/graph/gradient.ts";
import { add, mul, sumAll } from "../../lib/graph/ops/mod.ts";
import { compile } from "../../lib/graph/program.ts";
import { input, type Tensor } from "../../lib/graph/tensor.ts";
import { Random } from "../../lib/random.ts";
import { Session } from "../../lib/runtime/session.ts";
import { floats, type Value } from "../../lib/runtime/value.ts";
import { cpu, floatsOf } from "../run_graph.ts";

type Float = Tensor<"float32">;

/** An op applied to operands of certain shapes, to be differentiated numerically. */
export interface GradientCase {
  readonly operands: readonly Operand[];
  /** The sizes of the names in the operands' shapes. */
  readonly sizes: ReadonlyMap<Dim, number>;
  /** Applies the op; must use every operand. */
  readonly build: (operands: readonly Float[]) => Float;
  /** What else the graph is fed, such as indices. */
  readonly feeds?: Readonly<Record<string, Value>>;
}

export interface Operand {
  readonly shape: Shape;
  /** Values lie in 0.75 … 3 instead of −2 … 2: for divisors, logarithms and roots. */
  readonly positive?: boolean;
}

/** Steps are powers of two and values multiples of 2⁻⁸, so that x ± 2h is exact in float32. */
const step = 2 ** -5;
const grain = 2 ** -8;

/** The largest difference allowed, relative to the sum of all absolute slopes plus 1. */
export const tolerance = 5e-5;

/**
 * Compares the gradients of L(x) = Σ r · op(x), for random weights r, with a numeric derivative along a random
 * direction of signs, for each operand by itself. op runs in float32; the sum is taken in float64.
 *
 * The numeric derivative is the Richardson extrapolation (8(L(h) − L(−h)) − (L(2h) − L(−2h))) / 12h of the
 * central differences at h = 2⁻⁵ and 2h, whose error is h⁴L⁽⁵⁾/30 ≈ 3·10⁻⁸L⁽⁵⁾ beside the rounding of op.
 *
 * @returns the largest error, relative as `tolerance` is.
 */
export async function gradientError(
  { operands, sizes, build, feeds = {} }: GradientCase,
  wanted: readonly boolean[],
  seed: number,
): Promise<number> {
  const random = new Random(seed, "gradient");
  const tensors = operands.map(({ shape }, i) => input(`x${i}`, "float32", shape));
  const y = build(tensors);
  const r = input("r", "float32", y.shape);
  const asked = operands.flatMap((_, i) => wanted[i] ? [i] : []);
  const slopes = gradients(sumAll(mul(y, r)), asked.map((i) => tensors[i]));
  // outputs of their own, where a slope is an input or one tensor is the slope of two operands
  const named = Object.fromEntries(slopes.map((slope, j) => [`slope${j}`, add(slope, 0)]));
  const program = compile({ y: add(y, 0), ...named });
  await using session = await Session.open(program, cpu, { threads: 1 });

  const draw = (shape: Shape, value: () => number) => {
    const dims = shape.map((dim) => evaluate(dim, sizes)!);
    const size = dims.reduce((product, extent) => product * extent, 1);
    return floats(dims, Float32Array.from({ length: size }, value));
  };
  const between = (low: number, high: number) =>
    grain * Math.round((low + (high - low) * random.uniform()) / grain);
  const weights = draw(y.shape, () => between(-1, 1));
  const values = operands.map(({ shape, positive }) =>
    draw(shape, () => positive ? between(0.75, 3) : between(-2, 2))
  );
  const run = (at: readonly Value[]) =>
    session.run({
      ...feeds,
      r: weights,
      ...Object.fromEntries(at.map((value, i) => [`x${i}`, value])),
    });
  const loss = async (at: readonly Value[]) => {
    const { y } = await run(at);
    assert.deepEqual(y.dims, weights.dims);
    return floatsOf(y).reduce((sum, value, i) => sum + value * floatsOf(weights)[i], 0);
  };

  const exact = await run(values);
  let worst = 0;
  for (const [j, i] of asked.entries()) {
    const slope = floatsOf(exact[`slope${j}`]);
    assert.deepEqual(exact[`slope${j}`].dims, values[i].dims);
    const direction = slope.map(() => random.integer(2) === 0 ? -1 : 1);
    const along = (factor: number) => {
      const moved = floatsOf(values[i]).map((x, k) => x + factor * step * direction[k]);
      return loss(values.with(i, floats(values[i].dims, moved)));
    };
    const near = await along(1) - await along(-1);
    const far = await along(2) - await along(-2);
    const numeric = (8 * near - far) / (12 * step);
    const analytic = slope.reduce((sum, g, k) => sum + g * direction[k], 0);
    const scale = 1 + slope.reduce((sum, g) => sum + Math.abs(g), 0);
    const error = Math.abs(numeric - analytic) / scale;
    if (!(error <= worst)) worst = error;
  }
  return worst;
}

/** Checks the gradients of random cases, each with respect to a random choice of its operands. */
export async function checkGradients(
  cases: fc.Arbitrary<GradientCase>,
  parameters: fc.Parameters<unknown> = {},
): Promise<void> {
  const drawn = cases.chain((one) =>
    fc.record({
      one: fc.constant(one),
      wanted: fc.array(fc.boolean(), {
        minLength: one.operands.length,
        maxLength: one.operands.length,
      }).map((wanted) => wanted.includes(true) ? wanted : wanted.map(() => true)),
      seed: fc.nat(),
    })
  );
  await fc.assert(
    fc.asyncProperty(drawn, async ({ one, wanted, seed }) => {
      const error = await gradientError(one, wanted, seed);
      assert.ok(
        error <= tolerance,
        `relative error ${error} for ${one.operands.map(({ shape }) => `[${shape}]`).join(" ")}`,
      );
    }),
    { numRuns: 40, ...parameters },
  );
}
