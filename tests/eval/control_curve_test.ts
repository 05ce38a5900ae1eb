import assert from "node:assert/strict";
import fc from "fast-check";
import { ControlCurve, type CurvePoint, difference } from "../../lib/eval/control_curve.ts";

function curve(...points: [x: number, y: number][]): ControlCurve {
  return new ControlCurve(points.map(([logPerplexity, control]) => ({ logPerplexity, control })));
}

function close(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 1e-12, `${actual} and not ${expected}`);
}

Deno.test("a rising path is its own curve", () => {
  const line = curve([2, 0.5], [3, 0.7], [5, 0.9]);
  for (const [x, y] of [[2, 0.5], [2.5, 0.6], [3, 0.7], [4, 0.8], [5, 0.9]]) close(line.at(x), y);
  close(line.area(2, 5), 0.6 + 1.6);
  close(line.area(2.5, 4), 0.5 * 0.65 + 0.75);
});

Deno.test("a strength that is too strong takes nothing away: the curve stays at the best", () => {
  const turned = curve([0, 0], [1, 1], [2, 0.5], [3, 2]);
  // the last segment is back at 1 at x = 2 + 1/3
  for (const [x, y] of [[1, 1], [1.5, 1], [2 + 1 / 3, 1], [2.5, 1.25], [3, 2]]) {
    close(turned.at(x), y);
  }
  close(turned.area(0, 3), 0.5 + 4 / 3 + 2 / 3 * 1.5);
});

Deno.test("a path that turns back in fluency counts where it is highest", () => {
  // to the right, then back to the left and up: at x = 1 the second segment is higher
  const back = curve([0, 0], [2, 0.4], [1, 0.8]);
  close(back.at(0.5), 0.1);
  close(back.at(1), 0.8);
  close(back.at(2), 0.8);
  close(back.area(0, 2), 0.5 * 0.2 + 0.8);
});

Deno.test("segments that cross give the higher of them on either side", () => {
  // from (0, 0) to (2, 1), back down to (0.5, 0.1) and up to (2.5, 2)
  const crossed = curve([0, 0], [2, 1], [0.5, 0.1], [2.5, 2]);
  // the first is x / 2, the last 0.1 + 0.95 (x − 0.5): they meet where x = 0.375 / 0.45
  const meets = 0.375 / 0.45;
  close(crossed.at(meets), meets / 2);
  close(crossed.at(0.7), 0.35);
  close(crossed.at(2), 0.1 + 0.95 * 1.5);
});

Deno.test("a path straight up is a jump", () => {
  const jump = curve([1, 0.2], [1, 0.6], [2, 0.6]);
  close(jump.at(1), 0.6);
  close(jump.area(1, 2), 0.6);
  const last = curve([1, 0.2], [2, 0.2], [2, 0.9]);
  close(last.at(1.9), 0.2);
  close(last.at(2), 0.9);
  close(last.area(1, 2), 0.2);
  const point = curve([1, 0.2], [1, 0.4]);
  assert.deepEqual([point.min, point.max, point.at(1), point.area(1, 1)], [1, 1, 0.4, 0]);
});

Deno.test("the area between two curves is signed or absolute, also where they cross", () => {
  const rising = curve([0, 0], [2, 2]);
  const flat = curve([0, 1], [2, 1]);
  close(difference(rising, flat, 0, 2).signed, 0);
  close(difference(rising, flat, 0, 2).absolute, 1);
  close(difference(rising, flat, 1, 2).signed, 0.5);
  close(difference(flat, rising, 1, 2).signed, -0.5);
});

const points = fc.array(
  fc.record({
    logPerplexity: fc.double({ min: 1, max: 5, noNaN: true }),
    control: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  { minLength: 2, maxLength: 8 },
);

/** The most control on the path at a log-perplexity of at most x, looked for in small steps. */
function searched(path: readonly CurvePoint[], x: number): number {
  let best = -Infinity;
  for (let i = 0; i + 1 < path.length; i++) {
    for (let step = 0; step <= 400; step++) {
      const t = step / 400;
      const u = path[i].logPerplexity * (1 - t) + path[i + 1].logPerplexity * t;
      if (u <= x) best = Math.max(best, path[i].control * (1 - t) + path[i + 1].control * t);
    }
  }
  return best;
}

Deno.test("whatever the path, the curve is the most control at that fluency or a better one", () => {
  fc.assert(fc.property(points, fc.double({ min: 0, max: 1, noNaN: true }), (path, share) => {
    const curve = new ControlCurve(path);
    const x = curve.min + share * (curve.max - curve.min);
    if (!(x >= curve.min && x <= curve.max)) return;
    const found = searched(path, x - 1e-6);
    // the search misses what lies between its steps, which steep segments make visible
    assert.ok(curve.at(x) >= found - 1e-9, `${curve.at(x)} < ${found}`);
    const later = Math.min(curve.max, x + 0.02);
    assert.ok(curve.at(x) <= searched(path, later) + 1e-9);
  }));
});

Deno.test("whatever the path, the curve never falls, and its area is that of its values", () => {
  fc.assert(fc.property(points, (path) => {
    const curve = new ControlCurve(path);
    const width = curve.max - curve.min;
    if (width < 1e-3) return;
    const steps = 4000;
    let before = -Infinity;
    let [lower, upper] = [0, 0];
    for (let i = 0; i <= steps; i++) {
      const value = curve.at(Math.min(curve.max, curve.min + i / steps * width));
      assert.ok(value >= before - 1e-9);
      if (i < steps) lower += value * width / steps;
      if (i > 0) upper += value * width / steps;
      before = value;
    }
    // of a rising function, the sums on the left and on the right enclose the area
    const area = curve.area(curve.min, curve.max);
    assert.ok(area >= lower - 1e-9 && area <= upper + 1e-9, `${lower} ${area} ${upper}`);
  }));
});

Deno.test("too few points, points that are not numbers and unknown ranges are refused", () => {
  assert.throws(() => curve([1, 1]), /RangeError: .*at least two strengths: there is one/);
  assert.throws(() => curve([1, 1], [NaN, 1]), /RangeError: .*one point is \(NaN, 1\)/);
  const line = curve([1, 0], [2, 1]);
  assert.throws(() => line.at(0.5), /RangeError: .*not known at 0.5: it goes from 1 to 2/);
  assert.throws(() => line.area(1, 3), /RangeError: .*not known from 1 to 3/);
});
