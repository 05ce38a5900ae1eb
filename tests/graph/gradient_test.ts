import assert from "node:assert/strict";
import { gradients, stopGradient } from "../../lib/graph/gradient.ts";
import { apply, applyOne, defineOp } from "../../lib/graph/op.ts";
import { constant, input, type Op, scalar, type Tensor } from "../../lib/graph/tensor.ts";
import {
  add,
  argMax,
  cast,
  clip,
  exp,
  gather,
  gatherLast,
  greaterOrEqual,
  loop,
  MatMul,
  maxLast,
  mul,
  ops,
  quantizedMatmul,
  reduceSum,
  reduceSumSquare,
  ScatterElements,
  slice,
  square,
  sumAll,
  tanh,
  topK,
  unsqueeze,
} from "../../lib/graph/ops/mod.ts";
import { compile } from "../../lib/graph/program.ts";
import { Random } from "../../lib/random.ts";
import { Session } from "../../lib/runtime/session.ts";
import { floats, integers } from "../../lib/runtime/value.ts";
import { cpu, floatsOf, runGraph } from "../run_graph.ts";
import { cases } from "./gradient_cases.ts";
import { checkGradients, gradientError, tolerance } from "./numeric_gradient.ts";

type Float = Tensor<"float32">;

const x = input("x", "float32", ["n"]);
const fed = { x: floats([3], Float32Array.of(1, 2, -3)) };

/** The gradient of a scalar of x with respect to x, at 1, 2, −3. */
async function slopeAt(loss: Float): Promise<number[]> {
  const [slope] = gradients(loss, [x]);
  return [...floatsOf((await runGraph({ slope, kept: sumAll(exp(x)) }, fed)).slope)];
}

const differentiable = (op: Op) => op.gradient !== "none";

for (const [name, op] of Object.entries(ops) as [keyof typeof ops, Op][]) {
  if (!differentiable(op)) continue;
  Deno.test(`the gradient of ${name} is its numeric derivative`, async () => {
    const random = cases[name];
    assert.ok(random, `write a case for ${name} in tests/graph/gradient_cases.ts`);
    await checkGradients(random);
  });
}

Deno.test("every case of the gradient check is of an op that has a gradient", () => {
  for (const name of Object.keys(cases)) assert.ok(differentiable(ops[name as keyof typeof ops]));
});

Deno.test("the gradient check itself sees a gradient that is off by 0.1 %", async () => {
  const Wrong = defineOp({
    name: "Exp",
    attributes: {},
    infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
    gradient: ({ outputs: [y] }, [dy]) => [mul(mul(dy as Float, y as Float), 1.001)],
  });
  const wrong = {
    operands: [{ shape: [3] }],
    sizes: new Map(),
    build: ([x]: readonly Float[]) => applyOne<"float32">(Wrong, [x]),
  };
  const errors = await Promise.all([1, 2, 3, 4].map((seed) => gradientError(wrong, [true], seed)));
  assert.ok(Math.max(...errors) > 4 * tolerance, `${errors}`);
});

const table = constant("float32", [2, 1], [1, 2]);
const ends: { readonly [name in keyof typeof ops]?: () => Float } = {
  Clip: () => clip(x, 0, 1),
  GatherElements: () => gatherLast(x, input("at", "int64", ["k"])),
  Loop: () =>
    loop(input("turns", "int64", []), [x], (_, [carried]) => ({
      carried: [carried],
      goOn: greaterOrEqual(sumAll(carried as Float), scalar("float32", 0)),
      stacked: [],
    })).carried[0] as Float,
  MatMul: () => applyOne(MatMul, [unsqueeze(x, [1]), constant("float32", [1, 1], [2])]),
  MatMulNBits: () =>
    quantizedMatmul(unsqueeze(x, [1]), {
      packed: constant("uint8", [1, 1, 16], new Uint8Array(16)),
      scales: constant("float32", [1, 1], [1]),
      bits: 8,
      block: 16,
    }),
  ReduceMax: () => maxLast(x),
  ReduceSumSquare: () => reduceSumSquare(x),
  ScatterElements: () =>
    apply(ScatterElements, [reduceSum(table, [1]), input("at", "int64", ["k"]), x], {
      axis: 0,
      reduction: "add",
    })[0] as Float,
  TopK: () => topK(x, 1)[0],
};

const floatOps = Object.entries(ends) as [keyof typeof ops, () => Float][];

for (const [name, build] of floatOps) {
  Deno.test(`a loss behind ${name}, which has no gradient, is refused`, () => {
    assert.throws(() => gradients(sumAll(build()), [x]), {
      name: "TypeError",
      message: `gradients: ${name} has no gradient; keep it off the way to a loss.`,
    });
  });
}

Deno.test("nothing flows back through comparisons and places", async () => {
  const steps = [
    cast(greaterOrEqual(x, input("y", "float32", ["n"])), "float32"),
    cast(argMax(x), "float32"),
    cast(topK(x, 1)[1], "float32"),
  ];
  for (const step of steps) assert.deepEqual(await slopeAt(sumAll(step)), [0, 0, 0]);
});

Deno.test("every op without a gradient is either refused or gives no floats", () => {
  const others = ["Abs", "ArgMax", "GreaterOrEqual", "Round"];
  assert.deepEqual(
    Object.entries(ops).filter(([, op]) => !differentiable(op)).map(([name]) => name),
    [...Object.keys(ends), ...others].sort(),
  );
});

Deno.test("the gradients of all uses of a tensor add up", async () => {
  assert.deepEqual(await slopeAt(sumAll(add(square(x), add(x, x)))), [4, 6, -4]);
  const squares = square(x);
  assert.deepEqual(await slopeAt(sumAll(add(squares, mul(squares, 2)))), [6, 12, -18]);
});

Deno.test("nothing flows through a stopped gradient, beside which it flows", async () => {
  assert.deepEqual(await slopeAt(sumAll(mul(x, stopGradient(x)))), [1, 2, -3]);
  assert.deepEqual(await slopeAt(sumAll(add(x, stopGradient(tanh(exp(x)))))), [1, 1, 1]);
  assert.deepEqual(await slopeAt(sumAll(stopGradient(square(x)))), [0, 0, 0]);
  assert.deepEqual(await slopeAt(sumAll(add(x, stopGradient(clip(x, 0, 1))))), [1, 1, 1]);
});

Deno.test("a tensor that the loss does not depend on gets zeros", async () => {
  const other = input("other", "float32", ["n", 2]);
  const [slope] = gradients(sumAll(square(x)), [other]);
  const outputs = await runGraph({ slope, kept: sumAll(other) }, {
    other: floats([2, 2], Float32Array.of(1, 2, 3, 4)),
  });
  assert.deepEqual(floatsOf(outputs.slope), new Float32Array(4));
});

Deno.test("a gradient can be asked for at tensors inside the graph, and at the loss itself", async () => {
  const middle = square(x);
  const loss = sumAll(square(middle));
  const [atMiddle, atLoss] = gradients(loss, [middle, loss]);
  const outputs = await runGraph({ atMiddle, atLoss: mul(atLoss, 1) }, fed);
  assert.deepEqual([...floatsOf(outputs.atMiddle)], [2, 8, 18]);
  assert.deepEqual([...floatsOf(outputs.atLoss)], [1]);
});

Deno.test("gradients can be differentiated again", async () => {
  const [first] = gradients(sumAll(mul(square(x), x)), [x]);
  assert.deepEqual(await slopeAt(sumAll(first)), [6, 12, -18]);
});

Deno.test("a loss that is not a scalar is refused", () => {
  assert.throws(() => gradients(x, [x]), {
    name: "RangeError",
    message: "gradients: the loss must have shape [], got [n].",
  });
});

Deno.test("a rule that gives a gradient of another shape is caught", () => {
  const Wrong = defineOp({
    name: "Wrong",
    attributes: {},
    infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
    gradient: (_, [dy]) => [reduceSum(dy as Float, [0])],
  });
  assert.throws(() => gradients(sumAll(applyOne<"float32">(Wrong, [x])), [x]), {
    name: "RangeError",
    message: "gradients: Wrong gave [] for an input of [n].",
  });
});

Deno.test("a row that is read several times collects all their gradients, in every rank of table", async () => {
  const indices = input("indices", "int64", ["i"]);
  for (const row of [[], [2], [2, 2]]) {
    const rows = input("rows", "float32", [3, ...row]);
    const weights = input("weights", "float32", ["i", ...row]);
    const [slope] = gradients(sumAll(mul(gather(rows, indices), weights)), [rows]);
    const size = row.reduce((product, extent) => product * extent, 1);
    const outputs = await runGraph({ slope, kept: sumAll(rows) }, {
      rows: floats([3, ...row], new Float32Array(3 * size)),
      indices: integers([4], [2, 0, 2, 2]),
      weights: floats([4, ...row], Float32Array.from({ length: 4 * size }, (_, i) => i)),
    });
    // rows 0, 2 and 3 of the weights 0, 1, 2 … go to row 2, row 1 to row 0, nothing to row 1
    const expected = Array.from(
      { length: 3 * size },
      (_, i) => i < size ? size + i : i < 2 * size ? 0 : 5 * size + 3 * (i - 2 * size),
    );
    assert.deepEqual([...floatsOf(outputs.slope)], expected);
  }
});

Deno.test("the gradient of a stretch is zero before and after it", async () => {
  const all = input("all", "float32", ["past+time+rest"]);
  const sizes = ["past", "time", "rest"].map((name) => input(name, "float32", [name]));
  const known = sizes.map(sumAll).reduce((a, b) => add(a, b));
  const [stretch] = gradients(add(sumAll(slice(all, 0, "past", "past+time")), known), [all]);
  const outputs = await runGraph({ stretch, known }, {
    past: floats([2], new Float32Array(2)),
    time: floats([3], new Float32Array(3)),
    rest: floats([1], new Float32Array(1)),
  });
  assert.deepEqual([...floatsOf(outputs.stretch)], [0, 0, 1, 1, 1, 0]);
});

Deno.test("sums over rows that are read many times come out the same, bit for bit, every time", async () => {
  const random = new Random(1, "scatter");
  const rows = input("rows", "float32", [5, 8]);
  const indices = input("indices", "int64", ["i"]);
  const weights = input("weights", "float32", ["i", 8]);
  const [slope] = gradients(sumAll(mul(gather(rows, indices), weights)), [rows]);
  const reads = 4000;
  const feeds = {
    rows: floats([5, 8], new Float32Array(40)),
    indices: integers([reads], Array.from({ length: reads }, () => random.integer(5))),
    weights: floats([reads, 8], Float32Array.from({ length: reads * 8 }, () => random.normal())),
  };
  const program = compile({ slope, kept: sumAll(rows) });
  const open = () => Session.open(program, cpu, { threads: 2 });
  await using session = await open();
  await using another = await open();
  const first = floatsOf((await session.run(feeds)).slope);
  for (const one of [session, another, session, another]) {
    assert.deepEqual(floatsOf((await one.run(feeds)).slope), first);
  }
});
