import assert from "node:assert/strict";
import { inHalf } from "../../lib/graph/half.ts";
import { nodesBefore } from "../../lib/graph/op.ts";
import { input } from "../../lib/graph/tensor.ts";
import { add, gemm, softmax } from "../../lib/graph/ops/mod.ts";
import { constant } from "../../lib/graph/tensor.ts";
import { floats } from "../../lib/runtime/value.ts";
import { floatsOf, largestDifference, runGraph } from "../run_graph.ts";

const x = input("x", "float32", ["n", 2]);
const w = constant("float32", [2, 2], [0.1, 1 / 3, -2, 3000.7]);
const y = softmax(add(gemm(x, w), 1));

Deno.test("products are in float16, and what must not be is in float32", () => {
  const half = inHalf({ y }, "float16").y;
  assert.equal(half.dtype, "float32");
  const types = nodesBefore(half).map(({ op, outputs: [y] }) => `${op.name} ${y.dtype}`);
  assert.deepEqual(types, [
    "Cast float16",
    "Cast float16",
    "Gemm float16",
    "Cast float16",
    "Add float16",
    "Cast float32",
    "Softmax float32",
  ]);
});

Deno.test("the graph with float16 runs, and gives float32's numbers within 1e-2", async () => {
  const feeds = { x: floats([2, 2], Float32Array.of(0.5, -0.2, 0.01, 0.001)) };
  const [expected, half] = [
    await runGraph({ y }, feeds),
    await runGraph(inHalf({ y }, "float16"), feeds),
  ];
  assert.ok(largestDifference(floatsOf(half.y), floatsOf(expected.y)) < 1e-2);
});

Deno.test("what is rounded in float32 has the numbers of float16", async () => {
  const values = Float32Array.from({ length: 200 }, (_, i) => Math.sin(i) * 10 ** (i % 7 - 3));
  const product = gemm(input("x", "float32", ["n", 1]), constant("float32", [1, 1], [1]));
  const { y } = await runGraph(inHalf({ y: product }, "rounding"), {
    x: floats([200, 1], values),
  });
  assert.deepEqual(floatsOf(y), Float32Array.from(new Float16Array(values)));
});
