import assert from "node:assert/strict";
import fc from "fast-check";
import {
  axisOf,
  broadcast,
  type Dim,
  evaluate,
  factorsOf,
  minus,
  multiply,
  plus,
  sameShape,
  showShape,
  sizeOf,
} from "../../lib/graph/dim.ts";

const sizes = new Map<Dim, number>([["batch", 3], ["time", 5], ["past", 7]]);

/** Extents built from names and numbers by sums, products and differences, with the value each must have. */
const extents = fc.letrec<{ extent: { dim: Dim; size: number } }>((tie) => ({
  extent: fc.oneof(
    { maxDepth: 4 },
    fc.integer({ min: 0, max: 4 }).map((n) => ({ dim: n, size: n })),
    fc.constantFrom("batch", "time", "past").map((dim) => ({ dim, size: sizes.get(dim)! })),
    fc.tuple(tie("extent"), tie("extent")).map(([a, b]) => ({
      dim: plus(a.dim, b.dim),
      size: a.size + b.size,
    })),
    fc.tuple(tie("extent"), tie("extent")).map(([a, b]) => ({
      dim: multiply(a.dim, b.dim),
      size: a.size * b.size,
    })),
    fc.tuple(tie("extent"), tie("extent")).map(([a, b]) => ({
      dim: minus(a.dim, b.dim),
      size: a.size - b.size,
    })),
  ),
})).extent;

Deno.test("extents are spelled in one canonical way, however they were put together", () => {
  assert.equal(multiply("time", "batch"), "batch*time");
  assert.equal(multiply("batch", 12, "time"), multiply(3, "time", 4, "batch"));
  assert.equal(plus("time", "past"), "past+time");
  assert.equal(plus("past", "past"), "2*past");
  assert.equal(minus("past+time", "past"), "time");
  assert.equal(minus("time", "time"), 0);
  assert.equal(multiply(2, 3), 6);
  assert.equal(multiply(), 1);
  fc.assert(fc.property(extents, extents, extents, ({ dim: a }, { dim: b }, { dim: c }) => {
    assert.equal(plus(a, b), plus(b, a));
    assert.equal(multiply(a, b), multiply(b, a));
    assert.equal(plus(plus(a, b), c), plus(a, plus(b, c)));
    assert.equal(multiply(multiply(a, b), c), multiply(a, multiply(b, c)));
    assert.equal(multiply(a, plus(b, c)), plus(multiply(a, b), multiply(a, c)));
    assert.equal(minus(plus(a, b), b), plus(a));
  }));
});

Deno.test("an extent has the size that its expression says, where the sizes of its names are known", () => {
  fc.assert(fc.property(extents, ({ dim, size }) => {
    assert.equal(evaluate(dim, sizes), size + 0);
  }));
  assert.equal(evaluate("past+unknown", sizes), undefined);
});

Deno.test("the size of a shape is the product of its extents", () => {
  assert.equal(sizeOf([]), 1);
  assert.equal(sizeOf([2, 3]), 6);
  assert.equal(sizeOf(["time", 2, "batch"]), "2*batch*time");
});

Deno.test("shapes are the same when all extents are", () => {
  assert.ok(sameShape(["batch", 3], ["batch", 3]));
  assert.ok(!sameShape(["batch", 3], ["batch", 3, 1]));
  assert.ok(!sameShape(["batch", 3], ["time", 3]));
  assert.equal(showShape(["batch", 3]), "[batch, 3]");
});

Deno.test("shapes broadcast as in NumPy, and a name only with itself and with 1", () => {
  assert.deepEqual(broadcast("Add", ["batch", 1, 4], ["time", 1]), ["batch", "time", 4]);
  assert.deepEqual(broadcast("Add", [], ["batch"]), ["batch"]);
  assert.throws(() => broadcast("Add", ["batch", 4], ["time", 4]), {
    name: "RangeError",
    message:
      "Add: shapes [batch, 4] and [time, 4] do not broadcast: axis 0 is batch in one and time in the other.",
  });
  assert.throws(() => broadcast("Add", ["batch"], [3]), RangeError);
});

Deno.test("an axis may count from the end and must exist", () => {
  assert.equal(axisOf("Concat", -1, [2, 3]), 1);
  assert.equal(axisOf("Concat", 0, [2, 3]), 0);
  for (const axis of [2, -3, 0.5]) {
    assert.throws(() => axisOf("Concat", axis, [2, 3]), {
      name: "RangeError",
      message: `Concat: axis ${axis} does not exist in shape [2, 3].`,
    });
  }
});

Deno.test("a product of names has those names as its factors, and anything else is one factor", () => {
  assert.deepEqual(factorsOf("batch*time"), ["batch", "time"]);
  for (const dim of [6, 0, "batch", "2*batch*time", "batch*time+past"]) {
    assert.deepEqual(factorsOf(dim), [dim]);
  }
});
