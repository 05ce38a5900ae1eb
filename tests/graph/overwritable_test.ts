import assert from "node:assert/strict";
import { overwritable } from "../../lib/graph/overwritable.ts";
import { add, gemm, mul, reshape, sumAll } from "../../lib/graph/ops/mod.ts";
import { input, type Tensor } from "../../lib/graph/tensor.ts";

const a = input("a", "float32", [2, 2]);
const b = input("b", "float32", [2, 2]);

function overwritten(outputs: Record<string, Tensor>): string[] {
  const replaced = new Map([["a", "next.a"], ["b", "next.b"]]);
  return [...overwritable(new Map(Object.entries(outputs)), replaced)];
}

Deno.test("an input may be overwritten by what depends on all that is read of it", () => {
  assert.deepEqual(overwritten({ "next.a": add(mul(a, 2), b) }), ["a"]);
  assert.deepEqual(overwritten({ "next.a": add(gemm(a, a), mul(b, 2)), "next.b": b }), ["a"]);
});

Deno.test("an input is kept if another output reads it, be it in another shape", () => {
  const twice = add(mul(a, 2), b);
  assert.deepEqual(overwritten({ "next.a": twice, total: sumAll(a) }), []);
  assert.deepEqual(overwritten({ "next.a": twice, total: sumAll(reshape(a, [4])) }), []);
  const seen = reshape(a, [4]);
  assert.deepEqual(
    overwritten({ "next.a": add(reshape(mul(seen, 2), [2, 2]), b), total: sumAll(mul(seen, 3)) }),
    [],
  );
});

Deno.test("an input is kept if the node that writes it reads it, for its values may be needed again", () => {
  assert.deepEqual(overwritten({ "next.a": gemm(a, b) }), []);
});
