import assert from "node:assert/strict";
import { matrixOperations } from "../../bench/matrix_operations.ts";
import { gradients } from "../../lib/graph/gradient.ts";
import { add, gemm, matmul, sumAll } from "../../lib/graph/ops/mod.ts";
import { input } from "../../lib/graph/tensor.ts";

Deno.test("operations are counted of all matrix products, transposed or not, forward and backward", () => {
  const x = input("x", "float32", ["batch", 3]);
  const w = input("w", "float32", [3, 5]);
  const sizes = new Map([["batch", 7]]);
  const y = gemm(x, w);
  assert.equal(matrixOperations([y], sizes), 2 * 7 * 3 * 5);
  const [slope] = gradients(sumAll(y), [w]);
  assert.equal(matrixOperations([y, slope], sizes), 2 * 2 * 7 * 3 * 5);
  const many = matmul(input("a", "float32", [4, 2, 8, 9]), input("b", "float32", [4, 2, 10, 9]), {
    transposeB: true,
  });
  assert.equal(matrixOperations([add(many, 1)], sizes), 4 * 2 * 2 * 8 * 9 * 10);
  assert.throws(() => matrixOperations([y], new Map()), RangeError);
});
