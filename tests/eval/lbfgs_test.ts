import assert from "node:assert/strict";
import fc from "fast-check";
import { minimize } from "../../lib/eval/lbfgs.ts";

Deno.test("the minimum of a badly scaled quadratic is found", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          scale: fc.double({ min: 0.01, max: 100, noNaN: true }),
          target: fc.double({ min: -10, max: 10, noNaN: true }),
        }),
        { minLength: 1, maxLength: 10 },
      ),
      (terms) => {
        const found = minimize(
          (x, gradient) =>
            terms.reduce((sum, { scale, target }, i) => {
              gradient[i] = scale * (x[i] - target);
              return sum + scale / 2 * (x[i] - target) ** 2;
            }, 0),
          terms.length,
          { tolerance: 1e-9 },
        );
        const error = terms.reduce((sum, { scale, target }, i) => {
          return sum + scale / 2 * (found[i] - target) ** 2;
        }, 0);
        assert.ok(error < 1e-6, `${error} above the minimum`);
      },
    ),
  );
});

Deno.test("the valley of Rosenbrock's function is followed to its end", () => {
  const [x, y] = minimize(
    ([x, y], gradient) => {
      gradient[0] = -2 * (1 - x) - 400 * x * (y - x * x);
      gradient[1] = 200 * (y - x * x);
      return (1 - x) ** 2 + 100 * (y - x * x) ** 2;
    },
    2,
    { tolerance: 1e-8 },
  );
  assert.ok(Math.abs(x - 1) < 1e-6 && Math.abs(y - 1) < 1e-6);
});

Deno.test("a start at the minimum is returned as it is", () => {
  const found = minimize((x, gradient) => {
    gradient[0] = x[0];
    return x[0] ** 2 / 2;
  }, 1);
  assert.deepEqual([...found], [0]);
});

Deno.test("an objective that is not finite is an error", () => {
  assert.throws(() => minimize(() => NaN, 1), /the objective is NaN at the starting point/);
});
