import assert from "node:assert/strict";
import { apply, defineOp, nodesBefore } from "../../lib/graph/op.ts";
import {
  add,
  argMax,
  asRows,
  cast,
  clip,
  concat,
  cumSum,
  div,
  expand,
  gather,
  gatherLast,
  gemm,
  greaterOrEqual,
  layerNormalization,
  matmul,
  maxLast,
  mul,
  ops,
  reduceMean,
  reduceSum,
  reduceSumSquare,
  reshape,
  slice,
  softmax,
  split,
  square,
  sub,
  sumAll,
  sumTo,
  topK,
  transpose,
  unsqueeze,
  where,
} from "../../lib/graph/ops/mod.ts";
import type { Shape } from "../../lib/graph/dim.ts";
import { input, type Tensor } from "../../lib/graph/tensor.ts";

let inputs = 0;
const float = (...shape: Shape) => input(`x${inputs++}`, "float32", shape);
const double = (...shape: Shape) => input(`x${inputs++}`, "float64", shape);
const int = (...shape: Shape) => input(`x${inputs++}`, "int64", shape);
const bool = (...shape: Shape) => input(`x${inputs++}`, "bool", shape);

const type = ({ dtype, shape }: Tensor) => [dtype, ...shape];

Deno.test("ops are listed under their ONNX names", () => {
  for (const [name, op] of Object.entries(ops)) assert.equal(op.name, name);
});

Deno.test("element types and shapes follow from those of the operands", () => {
  const x = float("batch", "time", 6);
  assert.deepEqual(type(add(x, float(6))), ["float32", "batch", "time", 6]);
  assert.deepEqual(type(sub(1, double("n"))), ["float64", "n"]);
  assert.deepEqual(type(square(x)), type(x));
  assert.deepEqual(type(cast(x, "int64")), ["int64", "batch", "time", 6]);
  assert.deepEqual(type(concat([float("past", 2), float("time", 2)], 0)), [
    "float32",
    "past+time",
    2,
  ]);
  assert.deepEqual(type(slice(x, 1, 0, "k")), ["float32", "batch", "k", 6]);
  assert.deepEqual(type(slice(float("past+time"), 0, "past", "past+time")), ["float32", "time"]);
  assert.deepEqual(split(x, -1, 3).map(type), Array(3).fill(["float32", "batch", "time", 2]));
  assert.deepEqual(type(expand(float(1, 6), ["batch", 6])), ["float32", "batch", 6]);
  assert.deepEqual(type(gather(float(9, 4), int("batch", 2))), ["float32", "batch", 2, 4]);
  assert.deepEqual(type(gemm(float("rows", 3), float(3, 4))), ["float32", "rows", 4]);
  assert.deepEqual(type(gemm(float("rows", 3), float(4, 3), { transposeB: true })), [
    "float32",
    "rows",
    4,
  ]);
  assert.deepEqual(
    type(matmul(float("batch", 1, 5, 3), float(2, 5, 4), { transposeA: true })),
    ["float32", "batch", 2, 3, 4],
  );
  assert.deepEqual(type(layerNormalization(x, float(6), float(6), 1e-5)), type(x));
  assert.deepEqual(type(reduceMean(x, [1])), ["float32", "batch", 1, 6]);
  assert.deepEqual(type(reduceSum(x, [0, -1])), ["float32", "time"]);
  assert.deepEqual(type(reduceSum(x, [1], { keep: true })), ["float32", "batch", 1, 6]);
  assert.deepEqual(type(reduceSumSquare(x)), ["float32"]);
  assert.deepEqual(type(sumAll(x)), ["float32"]);
  assert.deepEqual(type(sumTo(x, [1, 6])), ["float32", 1, 6]);
  assert.deepEqual(type(reshape(x, ["time*batch", 6])), ["float32", "batch*time", 6]);
  assert.deepEqual(type(asRows(x)), ["float32", "batch*time", 6]);
  assert.deepEqual(type(unsqueeze(x, [0, 2])), ["float32", 1, "batch", 1, "time", 6]);
  assert.deepEqual(type(softmax(x)), type(x));
  assert.deepEqual(type(transpose(x, [2, 0, 1])), ["float32", 6, "batch", "time"]);
  assert.deepEqual(type(greaterOrEqual(x, float(6))), ["bool", "batch", "time", 6]);
  assert.deepEqual(type(where(bool("batch", 1), float(4), 0)), ["float32", "batch", 4]);
  assert.deepEqual(topK(x, 2).map(type), [
    ["float32", "batch", "time", 2],
    ["int64", "batch", "time", 2],
  ]);
  assert.deepEqual(type(argMax(x)), ["int64", "batch", "time"]);
  assert.deepEqual(type(maxLast(x)), ["float32", "batch", "time", 1]);
  assert.deepEqual(type(gatherLast(x, int("batch", "time", 2))), ["float32", "batch", "time", 2]);
  assert.deepEqual(type(clip(x, 0, 1)), type(x));
  assert.deepEqual(type(cumSum(x, 1, { exclusive: true })), type(x));
});

Deno.test("an op that changes nothing is left out", () => {
  const x = float("batch", 3);
  assert.equal(cast(x, "float32"), x);
  assert.equal(concat([x], 0), x);
  assert.equal(slice(x, 0, 0, "batch"), x);
  assert.equal(expand(x, ["batch", 3]), x);
  assert.equal(reshape(x, ["batch", 3]), x);
  assert.equal(reduceSum(x, []), x);
  assert.equal(sumTo(x, ["batch", 3]), x);
});

const mismatches: [what: string, build: () => unknown, error: ErrorConstructor, message: string][] =
  [
    [
      "an elementwise op of shapes that do not broadcast",
      () => mul(float("batch", 3), float("batch", 4)),
      RangeError,
      "Mul: shapes [batch, 3] and [batch, 4] do not broadcast: axis 1 is 3 in one and 4 in the other.",
    ],
    [
      "an elementwise op of two element types",
      () => div(float(3) as Tensor<"float32" | "float64">, double("n", 3)),
      TypeError,
      "Div: element types float32 [3] and float64 [n, 3] differ.",
    ],
    [
      "an elementwise op of numbers alone",
      () => add(1, 2),
      TypeError,
      "An elementwise op needs a tensor: got numbers.",
    ],
    [
      "a comparison of two element types",
      () => greaterOrEqual(float(3) as Tensor<"float32" | "int64">, int(3)),
      TypeError,
      "GreaterOrEqual: element types float32 [3] and int64 [3] differ.",
    ],
    [
      "a choice whose condition does not broadcast",
      () => where(bool(2), float(3), 0),
      RangeError,
      "Where: shapes [2] and [3] do not broadcast: axis 0 is 2 in one and 3 in the other.",
    ],
    [
      "a product whose inner extents differ",
      () => gemm(float("rows", 3), float(4, 5)),
      RangeError,
      "Gemm: inner extents of [rows, 3] and [4, 5] differ: 3 and 4.",
    ],
    [
      "a transposed product whose inner extents differ",
      () => matmul(float("rows", 3), float(3, 5), { transposeA: true }),
      RangeError,
      "FusedMatMul: inner extents of [rows, 3]ᵀ and [3, 5] differ: rows and 3.",
    ],
    [
      "a product of two element types",
      () => gemm(float(2, 3) as Tensor<"float32" | "float64">, double(3, 4)),
      TypeError,
      "Gemm: element types float32 [2, 3] and float64 [3, 4] differ.",
    ],
    [
      "a matrix product of more than two axes",
      () => gemm(float(2, 3, 4), float(4, 5)),
      RangeError,
      "Gemm: needs two axes each, got [2, 3, 4] and [4, 5].",
    ],
    [
      "a product of a vector",
      () => matmul(float(3), float(3, 5)),
      RangeError,
      "FusedMatMul: needs matrices, got [3] and [3, 5].",
    ],
    [
      "a product whose batches do not broadcast",
      () => matmul(float(2, 3, 4), float(3, 4, 5)),
      RangeError,
      "FusedMatMul: shapes [2] and [3] do not broadcast: axis 0 is 2 in one and 3 in the other.",
    ],
    [
      "a bias with more rows than the product",
      () => gemm(float(1, 3), float(3, 4), { bias: float(2, 4) }),
      RangeError,
      "Gemm: a bias of [2, 4] does not fit a product of [1, 4].",
    ],
    [
      "tensors laid end to end that differ beside",
      () => concat([float("batch", 3), float("time", 4)], 1),
      RangeError,
      "Concat: float32 [batch, 3] and float32 [time, 4] differ beside axis 1.",
    ],
    [
      "tensors of two element types laid end to end",
      () => concat<Tensor>([float(3), int(3)], 0),
      RangeError,
      "Concat: float32 [3] and int64 [3] differ beside axis 0.",
    ],
    [
      "a stretch along an axis that is not there",
      () => slice(float(3, 4), 2, 0, 1),
      RangeError,
      "Slice: axis 2 does not exist in shape [3, 4].",
    ],
    [
      "a stretch beyond the end",
      () => slice(float("batch", 4), 1, 2, 5),
      RangeError,
      "Slice: 2 … 5 is not a stretch of axis 1 of [batch, 4].",
    ],
    [
      "a stretch that ends before it starts",
      () => slice(float("batch"), 0, 2, 1),
      RangeError,
      "Slice: 2 … 1 is not a stretch of axis 0 of [batch].",
    ],
    [
      "parts that are not equal",
      () => split(float("batch", 4), 1, 3),
      RangeError,
      "Split: axis 1 of [batch, 4] does not split into 3 parts.",
    ],
    [
      "parts of a symbolic extent",
      () => split(float("batch", 4), 0, 2),
      RangeError,
      "Split: axis 0 of [batch, 4] does not split into 2 parts.",
    ],
    [
      "an expansion that does not broadcast",
      () => expand(float(2, 3), ["batch", 3]),
      RangeError,
      "Expand: shapes [2, 3] and [batch, 3] do not broadcast: axis 0 is 2 in one and batch in the other.",
    ],
    [
      "a new shape of another size",
      () => reshape(float("batch", "time", 4), ["batch*time", 5]),
      RangeError,
      "Reshape: [batch, time, 4] and [batch*time, 5] differ in size: 4*batch*time and 5*batch*time.",
    ],
    [
      "a reduction over an axis that is not there",
      () => reduceSum(float("batch", 3), [2]),
      RangeError,
      "ReduceSum: axis 2 does not exist in shape [batch, 3].",
    ],
    [
      "a mean over an axis that is not there",
      () => reduceMean(float("batch", 3), [-3]),
      RangeError,
      "ReduceMean: axis -3 does not exist in shape [batch, 3].",
    ],
    [
      "a new axis outside of the result",
      () => unsqueeze(float("batch", 3), [3]),
      RangeError,
      "Unsqueeze: axes [3] do not exist in a result of 3 axes from [batch, 3].",
    ],
    [
      "a sum to a shape that does not broadcast back",
      () => sumTo(float("batch", 3), ["batch", 1, 1]),
      RangeError,
      "sumTo: [batch, 3] does not sum to [batch, 1, 1].",
    ],
    [
      "rows named by floats",
      () => gather(float(9, 4), float(2) as unknown as Tensor<"int64">),
      TypeError,
      "Gather: indices must be int64, got float32.",
    ],
    [
      "a layer norm of another width",
      () => layerNormalization(float("rows", 6), float(6), float(5), 1e-5),
      RangeError,
      "LayerNormalization: [rows, 6] needs a scale and bias of [6], got [5].",
    ],
    [
      "a softmax along an axis that is not there",
      () => softmax(float(3), 1),
      RangeError,
      "Softmax: axis 1 does not exist in shape [3].",
    ],
    [
      "sums along an axis that is not there",
      () => cumSum(float("batch", 3), 2),
      RangeError,
      "CumSum: axis 2 does not exist in shape [batch, 3].",
    ],
    [
      "an order of axes that leaves one out",
      () => transpose(float("batch", 3), [0, 0]),
      RangeError,
      "Transpose: [0,0] is not an order of the axes of [batch, 3].",
    ],
    [
      "places of another rank",
      () => gatherLast(float("batch", 3), int(2)),
      RangeError,
      "GatherElements: [batch, 3] and indices [2] differ in rank.",
    ],
  ];

for (const [what, build, kind, message] of mismatches) {
  Deno.test(`${what} is refused when the graph is built`, () => {
    assert.throws(build, { name: kind.name, message });
  });
}

Deno.test("nodes come after those that they depend on, each once", () => {
  const x = float("n");
  const squares = square(x);
  const shared = add(squares, 1);
  const nodes = nodesBefore(mul(shared, shared), squares, x);
  assert.deepEqual(nodes.map(({ op }) => op.name), ["Mul", "Add", "Mul"]);
});

Deno.test("a long chain of ops does not exhaust the stack", () => {
  let x = float("n");
  for (let i = 0; i < 3000; i++) x = add(x, 1);
  assert.equal(nodesBefore(x).length, 3000);
});

Deno.test("the outputs of an op of several know their places", () => {
  const Halves = defineOp({
    name: "Halves",
    attributes: { at: "int" },
    infer: ([x], { at }) => [
      { dtype: x!.dtype, shape: [at!] },
      { dtype: x!.dtype, shape: [2] },
    ],
    gradient: "none",
  });
  const outputs = apply(Halves, [float(5)], { at: 3 });
  assert.deepEqual(outputs.map(({ shape }) => shape), [[3], [2]]);
  assert.deepEqual(outputs.map(({ source }) => source.kind === "node" && source.output), [0, 1]);
});
