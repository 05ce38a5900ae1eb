import assert from "node:assert/strict";
import {
  add,
  cast,
  concat,
  expand,
  greaterOrEqual,
  loop,
  mul,
  reduceSum,
  reshape,
  slice,
} from "../../lib/graph/ops/mod.ts";
import { input, scalar, type Tensor } from "../../lib/graph/tensor.ts";
import { floats, integers } from "../../lib/runtime/value.ts";
import { floatsOf, runGraph } from "../run_graph.ts";

type Float = Tensor<"float32">;

const turns = input("turns", "int64", []);
const always = (x: Float): Tensor<"bool"> => greaterOrEqual(x, scalar("float32", -Infinity));
const total = (x: Float): Float => reduceSum(x, [0]);

Deno.test("a loop carries tensors, also growing ones, stacks others and uses tensors around it", async () => {
  const first = input("first", "float32", ["n"]);
  const step = input("step", "float32", []);
  const { carried: [grown], stacked: [sums] } = loop(turns, [first], (turn, [x]) => {
    const added = add(mul(step, 1), cast(turn, "float32"));
    const longer = concat([x as Float, reshape(added, [1])], 0);
    return { carried: [longer], goOn: always(total(x as Float)), stacked: [total(longer)] };
  });
  const outputs = await runGraph({ grown, sums }, {
    turns: integers([], [3]),
    first: floats([2], Float32Array.of(1, 2)),
    step: floats([], Float32Array.of(10)),
  });
  assert.deepEqual([...floatsOf(outputs.grown)], [1, 2, 10, 11, 12]);
  assert.deepEqual([...floatsOf(outputs.sums)], [13, 24, 36]);
});

Deno.test("a loop ends when its body says so", async () => {
  const first = input("first", "float32", []);
  const { carried: [last], stacked: [seen] } = loop(turns, [first], (_, [x]) => {
    const doubled = mul(x as Float, 2);
    return {
      carried: [doubled],
      goOn: greaterOrEqual(scalar("float32", 20), doubled),
      stacked: [doubled],
    };
  });
  const outputs = await runGraph({ last, seen }, {
    turns: integers([], [10]),
    first: floats([], Float32Array.of(3)),
  });
  assert.deepEqual([...floatsOf(outputs.last)], [24]);
  assert.deepEqual([...floatsOf(outputs.seen)], [6, 12, 24]);
});

Deno.test("extents in a loop are those of the turn, and of what is around it", async () => {
  const first = input("first", "float32", ["n"]);
  const around = input("around", "float32", ["m"]);
  const { stacked: [sums] } = loop(turns, [first], (_, [x]) => {
    // as many ones as the turn's tensor is long, and as what is around it
    const ones = expand(scalar("float32", 1), ["n"]);
    const others = expand(scalar("float32", 100), ["m"]);
    const sum = add(total(ones), total(add(others, mul(around, 0))));
    return {
      carried: [concat([x as Float, slice(x as Float, 0, 0, 1)], 0)],
      goOn: always(sum),
      stacked: [sum],
    };
  });
  const outputs = await runGraph({ sums }, {
    turns: integers([], [3]),
    first: floats([2], Float32Array.of(1, 1)),
    around: floats([3], new Float32Array(3)),
  });
  assert.deepEqual([...floatsOf(outputs.sums)], [302, 303, 304]);
});

Deno.test("a carried tensor must keep its element type and rank", () => {
  const first = input("first", "float32", ["n"]);
  const wrong = (carried: (x: Float) => Tensor) => () =>
    loop(turns, [first], (_, [x]) => ({
      carried: [carried(x as Float)],
      goOn: always(total(x as Float)),
      stacked: [],
    }));
  assert.throws(wrong(total), {
    name: "RangeError",
    message: "Loop: carried tensor 0 is float32 [n] at first, but float32 [] after a turn.",
  });
  assert.throws(wrong((x) => cast(x, "int64")), { name: "RangeError" });
});

Deno.test("two loops of one graph do not disturb each other", async () => {
  const first = input("first", "float32", []);
  const times = (factor: number) =>
    loop(turns, [first], (_, [x]) => ({
      carried: [mul(x as Float, factor)],
      goOn: always(x as Float),
      stacked: [],
    })).carried[0] as Float;
  const outputs = await runGraph({ y: add(times(2), times(3)) }, {
    turns: integers([], [3]),
    first: floats([], Float32Array.of(1)),
  });
  assert.deepEqual([...floatsOf(outputs.y)], [35]);
});
