import assert from "node:assert/strict";
import { gradients } from "../../lib/graph/gradient.ts";
import { forManyRows } from "../../lib/graph/many_rows.ts";
import { nodesBefore } from "../../lib/graph/op.ts";
import { asRows, gemm, square, sumAll } from "../../lib/graph/ops/mod.ts";
import { input, type Tensor } from "../../lib/graph/tensor.ts";
import { Random } from "../../lib/random.ts";
import { floats, type Value } from "../../lib/runtime/value.ts";
import { floatsOf, largestDifference, runGraph } from "../run_graph.ts";

const [narrow, wide] = [64, 96];
const shapes: Record<string, number[]> = {
  x: [3, 5, narrow],
  up: [narrow, wide],
  bias: [wide],
  down: [wide, narrow],
};
const random = new Random(0, "many rows");
const feeds: Record<string, Value> = Object.fromEntries(
  Object.entries(shapes).map(([name, dims]) => {
    const size = dims.reduce((a, b) => a * b);
    return [name, floats(dims, Float32Array.from({ length: size }, () => random.uniform() - 0.5))];
  }),
);
const parameters = ["up", "bias", "down"].map((name) => input(name, "float32", shapes[name]));
const [up, bias, down] = parameters;
const x = asRows(input("x", "float32", ["batch", "time", narrow]));
const loss = sumAll(square(gemm(square(gemm(x, up, { bias })), down)));
const [dUp, dBias, dDown] = gradients(loss, parameters);
const graph = { loss, dUp, dBias, dDown };
const again = forManyRows(graph);

const products = (outputs: Record<string, Tensor>) =>
  nodesBefore(...Object.values(outputs)).filter(({ op }) => op.name === "Gemm");

Deno.test("products for many rows have neither a bias nor a first matrix that they would transpose", () => {
  const slow = ({ inputs, attributes }: ReturnType<typeof products>[number]) =>
    inputs[2] !== undefined || attributes.transA === 1;
  assert.equal(products(graph).filter(slow).length, 3);
  assert.deepEqual(products(again).filter(slow), []);
  assert.equal(products(again).length, products(graph).length);
});

Deno.test("a graph for many rows gives the same loss and gradients", async () => {
  const [expected, given] = [await runGraph(graph, feeds), await runGraph(again, feeds)];
  for (const name of Object.keys(graph)) {
    const [wanted, values] = [floatsOf(expected[name]), floatsOf(given[name])];
    const largest = Math.max(...wanted.map(Math.abs));
    assert.ok(largestDifference(values, wanted) < 1e-5 * largest, name);
  }
});
