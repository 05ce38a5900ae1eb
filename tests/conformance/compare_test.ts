import assert from "node:assert/strict";
import { compare, exact, type NumericArray, showTolerance } from "../../conformance/compare.ts";

const list = (...data: number[]): NumericArray => ({ shape: [data.length], data });

Deno.test("differences are measured absolutely, and relatively where the expected number is not 0", () => {
  const { maxAbsolute, maxRelative } = compare(list(1, 0.5, 9), list(0, 2, 10), exact);
  assert.equal(maxAbsolute, 1.5);
  assert.equal(maxRelative, 0.75);
});

Deno.test("a tolerance is absolute plus relative to the expected number", () => {
  assert.equal(compare(list(10.25), list(10), { absolute: 0.25 }).ok, true);
  assert.equal(compare(list(10.25), list(10), { absolute: 0.2 }).ok, false);
  assert.equal(compare(list(10.25), list(10), { absolute: 0.2, relative: 0.01 }).ok, true);
  assert.equal(compare(list(10.25), list(10), { relative: 0.02 }).ok, false);
  assert.equal(compare(list(10), list(10), exact).ok, true);
});

Deno.test("infinities and NaN are equal to themselves only", () => {
  const loose = { absolute: 1e9, relative: 1 };
  const odd = [NaN, Infinity, -Infinity];
  assert.equal(compare(list(...odd), list(...odd), exact).ok, true);
  for (const expected of [...odd, 0]) {
    for (const actual of [...odd, 0].filter((value) => !Object.is(value, expected))) {
      const difference = compare(list(actual), list(expected), loose);
      assert.equal(difference.ok, false, `${actual} for ${expected}`);
      assert.equal(difference.maxAbsolute, Infinity);
    }
  }
  assert.equal(compare(list(-0), list(0), exact).ok, true);
});

Deno.test("a mask leaves out elements, or whole rows", () => {
  const expected = { shape: [2, 2], data: [1, 2, 3, 4] };
  const actual = { shape: [2, 2], data: [1, 2, 3, 9] };
  assert.equal(compare(actual, expected, exact, [1, 1, 1, 0]).ok, true);
  assert.equal(compare(actual, expected, exact, [1, 0]).ok, true);
  assert.equal(compare(actual, expected, exact, [0, 1]).ok, false);
});

Deno.test("a mask that leaves nothing or does not fit is a failure", () => {
  assert.match(compare(list(1, 2), list(1, 2), exact, [0, 0]).problem!, /nothing to compare/);
  assert.match(compare(list(1, 2), list(1, 2), exact, [1, 1, 1]).problem!, /does not fit/);
});

Deno.test("shapes must agree beside extents of 1", () => {
  const row = { shape: [1, 3], data: [1, 2, 3] };
  assert.equal(compare(list(1, 2, 3), row, exact).ok, true);
  assert.match(compare(list(1, 2), row, exact).problem!, /\[1,3\].*\[2\]/);
  const table = { shape: [3, 2], data: [1, 2, 3, 4, 5, 6] };
  assert.equal(compare({ ...table, shape: [2, 3] }, table, exact).ok, false);
});

Deno.test("tolerances are shown as they are stated", () => {
  assert.equal(showTolerance(exact), "exact");
  assert.equal(showTolerance({ absolute: 2e-5 }), "2e-5");
  assert.equal(showTolerance({ absolute: 5e-5, relative: 1e-4 }), "5e-5 + 1e-4 relative");
});
