import assert from "node:assert/strict";
import { join } from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { ModelProtoSchema } from "onnx-buf";
import { evaluate } from "../../lib/graph/dim.ts";
import { gradients } from "../../lib/graph/gradient.ts";
import {
  add,
  cast,
  concat,
  div,
  exp,
  expand,
  gather,
  gemm,
  mul,
  reshape,
  slice,
  split,
  square,
  sub,
  sumAll,
  tanh,
  topK,
} from "../../lib/graph/ops/mod.ts";
import { irVersion, opsetVersion } from "../../lib/graph/onnx_protos.ts";
import { compile } from "../../lib/graph/program.ts";
import { constant, extents, input, scalar, type Tensor, weight } from "../../lib/graph/tensor.ts";
import { Random } from "../../lib/random.ts";
import { Session } from "../../lib/runtime/session.ts";
import { floats, integers } from "../../lib/runtime/value.ts";
import { openSafetensors, writeSafetensors } from "../../lib/weights/safetensors.ts";
import { cpu, floatsOf, largestDifference, runGraph } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { cases } from "./gradient_cases.ts";

const modelOf = (outputs: Record<string, Tensor>) =>
  fromBinary(ModelProtoSchema, compile(outputs).model);

const nodesOf = (outputs: Record<string, Tensor>) =>
  modelOf(outputs).graph!.node.map(({ opType }) => opType);

const x = input("x", "float32", ["n", 3]);

Deno.test("a program knows what it takes and returns", () => {
  const { inputs, outputs, weightsFolder } = compile({ sum: add(x, input("y", "float32", [3])) });
  assert.deepEqual([...inputs.keys()], ["x", "y"]);
  assert.deepEqual(inputs.get("x")!.shape, ["n", 3]);
  assert.deepEqual(outputs.get("sum")!.shape, ["n", 3]);
  assert.equal(weightsFolder, undefined);
});

Deno.test("inputs that no output depends on are left out", () => {
  assert.deepEqual([...compile({ y: exp(x) }).inputs.keys()], ["x"]);
});

Deno.test("the versions of ONNX stand in the model", () => {
  const model = modelOf({ y: exp(x) });
  assert.equal(model.irVersion, irVersion);
  assert.equal(model.opsetImport.find(({ domain }) => domain === "")!.version, opsetVersion);
});

Deno.test("equal nodes and constants are written once", () => {
  const twice = add(exp(mul(x, 2)), tanh(exp(mul(x, 2))));
  assert.deepEqual(nodesOf({ twice }), ["Mul", "Exp", "Tanh", "Add"]);
  assert.equal(modelOf({ y: mul(add(x, 2), add(x, 2)) }).graph!.initializer.length, 1);
});

Deno.test("nodes that differ in an attribute, or constants in a sign of zero, are both written", async () => {
  const wide = input("w", "float32", ["n", "n"]);
  const both = add(gemm(wide, wide), gemm(wide, wide, { transposeB: true }));
  assert.deepEqual(nodesOf({ both }), ["Gemm", "Gemm", "Add"]);
  const { y, z } = await runGraph(
    { y: div(x, 0), z: div(x, -0) },
    { x: floats([1, 3], Float32Array.of(1, 1, 1)) },
  );
  assert.equal(floatsOf(y)[0], Infinity);
  assert.equal(floatsOf(z)[0], -Infinity);
});

Deno.test("two outputs that compute the same are both there", async () => {
  const { a, b } = await runGraph({ a: exp(x), b: exp(x) }, {
    x: floats([1, 3], Float32Array.of(0, 1, 2)),
  });
  assert.deepEqual(floatsOf(a), floatsOf(b));
});

Deno.test("an output may be used by other outputs, and an op's outputs named apart", async () => {
  const squares = square(x);
  const [left, , right] = split(squares, 1, 3);
  const outputs = await runGraph({ right, left, squares, sum: add(left, right) }, {
    x: floats([1, 3], Float32Array.of(1, 2, 3)),
  });
  assert.deepEqual(outputs.sum.data, Float32Array.of(10));
  assert.deepEqual(outputs.left.data, Float32Array.of(1));
  assert.deepEqual(outputs.right.data, Float32Array.of(9));
  assert.deepEqual(outputs.squares.data, Float32Array.of(1, 4, 9));
});

const refused: [what: string, outputs: Record<string, Tensor>, kind: string, message: string][] = [
  [
    "an output that is an input",
    { y: x },
    "TypeError",
    "compile: output y is not computed by the graph.",
  ],
  [
    "an output that is a constant",
    { y: scalar("float32", 1) },
    "TypeError",
    "compile: output y is not computed by the graph.",
  ],
  [
    "one tensor under two names",
    (() => {
      const y = exp(x);
      return { y, z: y };
    })(),
    "TypeError",
    "compile: outputs y and z are one tensor; name it once.",
  ],
  [
    "two inputs of one name",
    { y: add(x, input("x", "float32", [3])) },
    "TypeError",
    "compile: two different inputs are named x.",
  ],
  [
    "an output with the name of an input",
    { x: exp(x) },
    "TypeError",
    "compile: x is the name of an input and of an output.",
  ],
  [
    "two weights of one name",
    {
      y: add(
        weight("w", "float32", [1], { path: "/a", offset: 0, byteLength: 4 }),
        weight("w", "float32", [1], { path: "/a", offset: 4, byteLength: 4 }),
      ),
    },
    "TypeError",
    "compile: two different weights are named w.",
  ],
  [
    "an extent that no input has",
    { y: expand(scalar("float32", 1), ["time"]) },
    "RangeError",
    "compile: extent time is used, but no input of the graph has an axis of that name.",
  ],
];

for (const [what, outputs, name, message] of refused) {
  Deno.test(`${what} is refused when the graph is compiled`, () => {
    assert.throws(() => compile(outputs), { name, message });
  });
}

Deno.test("an input may have the name of something that every object has", () => {
  assert.ok(compile({ y: exp(input("constructor", "float32", [])) }).inputs.has("constructor"));
});

Deno.test("extents, and sums and products of them, are read off the inputs at every run", async () => {
  const rows = input("rows", "float32", ["a", "b", 2]);
  const more = input("more", "float32", ["c"]);
  const dims = ["a", "a*b", "2*a*b+c", "3+c", "-1*a+b", 7];
  await using session = await Session.open(
    compile({
      sizes: cast(add(cast(extents(dims), "float32"), 0), "int64"),
      flat: reshape(add(rows, 0), ["a*b", 2]),
      ones: expand(add(slice(more, 0, 0, 1), 1), ["2*a*b+c"]),
    }),
    cpu,
  );
  const size = fc.integer({ min: 1, max: 5 });
  await fc.assert(
    fc.asyncProperty(size, size, size, async (a, b, c) => {
      const { sizes, flat, ones } = await session.run({
        rows: floats([a, b, 2], new Float32Array(a * b * 2)),
        more: floats([c], new Float32Array(c)),
      });
      const expected = [a, a * b, 2 * a * b + c, 3 + c, b - a, 7];
      assert.deepEqual(sizes.data, BigInt64Array.from(expected, BigInt));
      assert.deepEqual(flat.dims, [a * b, 2]);
      assert.deepEqual(ones.data, new Float32Array(2 * a * b + c).fill(1));
    }),
    { numRuns: 30 },
  );
});

Deno.test("an extent that begins with $ is the value of an input", async () => {
  const [values] = topK(input("x", "float32", ["n"]), "$k");
  assert.deepEqual(values.shape, ["$k"]);
  const outputs = await runGraph({ values }, {
    x: floats([4], Float32Array.of(3, 9, 1, 4)),
    k: integers([1], [2]),
  });
  assert.deepEqual(outputs.values.data, Float32Array.of(9, 4));
});

Deno.test("the portable model has standard ops only, and computes the same", async () => {
  const product = cases.FusedMatMul!.chain((one) =>
    fc.record({ one: fc.constant(one), seed: fc.nat() })
  );
  await fc.assert(
    fc.asyncProperty(product, async ({ one: { operands, sizes, build }, seed }) => {
      const random = new Random(seed);
      const x = operands.map(({ shape }, i) => input(`x${i}`, "float32", shape));
      const y = build(x);
      const slopes = gradients(sumAll(square(y)), x);
      const program = compile({ y, first: add(slopes[0], 0), second: add(slopes[1], 0) });
      const portable = { ...program, model: program.portable() };
      const opsets = fromBinary(ModelProtoSchema, portable.model).graph!.node;
      assert.ok(opsets.every(({ domain }) => domain === ""));
      const feeds = Object.fromEntries(x.map(({ shape }, i) => {
        const dims = shape.map((dim) => evaluate(dim, sizes)!);
        const size = dims.reduce((product, extent) => product * extent, 1);
        return [`x${i}`, floats(dims, Float32Array.from({ length: size }, () => random.normal()))];
      }));
      await using own = await Session.open(program, cpu);
      await using standard = await Session.open(portable, cpu);
      const expected = await own.run(feeds);
      const outputs = await standard.run(feeds);
      for (const [name, { data, dims }] of Object.entries(expected)) {
        assert.deepEqual(outputs[name].dims, dims);
        const difference = largestDifference(floatsOf(outputs[name]), data as Float32Array);
        assert.ok(difference < 1e-4, `${name}: ${difference}`);
      }
    }),
    { numRuns: 30 },
  );
});

/** A small net of two weights, `[n, 3]` → `[n, 4]`. */
function net(w: Tensor<"float32">, b: Tensor<"float32">): Record<string, Tensor> {
  return { y: tanh(gemm(x, w, { bias: b })), row: gather(w, constant("int64", [1], [1])) };
}

const number = fc.float({ min: -2, max: 2, noNaN: true });
const array = (length: number) =>
  fc.array(number, { minLength: length, maxLength: length }).map((list) => Float32Array.from(list));

Deno.test("weights read in place from a safetensors file give what embedded ones give, bit for bit", async () => {
  await withTemporaryFolder(async (temporary) => {
    const folder = await Deno.realPath(temporary);
    let file = 0;
    await fc.assert(
      fc.asyncProperty(array(12), array(4), array(6), fc.nat(9), async (w, b, fed, odd) => {
        const path = join(folder, `${file++}.safetensors`);
        await writeSafetensors(path, [
          ["w", { dtype: "F32", shape: [3, 4], data: w }],
          // an odd number of bytes before the others: regions need no alignment
          ["odd", { dtype: "U8", shape: [odd], data: new Uint8Array(odd) }],
          ["b", { dtype: "F32", shape: [4], data: b }],
        ], { note: "x".repeat(odd) });
        const { tensors } = await openSafetensors(path);
        const inFile = (name: string, shape: number[]) => {
          const { offset, byteLength } = tensors.get(name)!;
          return weight(name, "float32", shape, { path, offset, byteLength }) as Tensor<"float32">;
        };
        const program = compile(net(inFile("w", [3, 4]), inFile("b", [4])));
        assert.equal(program.weightsFolder, folder);
        const feeds = { x: floats([2, 3], fed) };
        await using session = await Session.open(program, cpu);
        const external = await session.run(feeds);
        const embedded = await runGraph(
          net(constant("float32", [3, 4], w), constant("float32", [4], b)),
          feeds,
        );
        assert.deepEqual(external.y.data, embedded.y.data);
        assert.deepEqual(external.row.data, embedded.row.data);
      }),
      { numRuns: 10 },
    );
  });
});

Deno.test("weights of one graph may lie in files of several folders", async () => {
  await withTemporaryFolder(async (temporary) => {
    const folder = await Deno.realPath(temporary);
    const read = async (place: string, value: number) => {
      await Deno.mkdir(join(folder, place), { recursive: true });
      const path = join(folder, place, "model.safetensors");
      const data = Float32Array.of(value);
      await writeSafetensors(path, [["w", { dtype: "F32", shape: [1], data }]]);
      const { offset, byteLength } = (await openSafetensors(path)).tensors.get("w")!;
      return weight(path, "float32", [1], { path, offset, byteLength });
    };
    const difference = sub(await read("base", 7), await read(join("reward", "arm"), 3));
    assert.equal(compile({ difference }).weightsFolder, folder);
    assert.deepEqual((await runGraph({ difference })).difference.data, Float32Array.of(4));
  });
});

Deno.test("weights beyond the end of their file are refused when the session is opened", async () => {
  await withTemporaryFolder(async (temporary) => {
    const path = join(await Deno.realPath(temporary), "short.bin");
    await Deno.writeFile(path, new Uint8Array(8));
    const w = weight("w", "float32", [2], { path, offset: 4, byteLength: 8 });
    await assert.rejects(Session.open(compile({ y: exp(w) }), cpu));
    const gone = weight("w", "float32", [2], { path: path + "x", offset: 4, byteLength: 8 });
    await assert.rejects(Session.open(compile({ y: exp(gone) }), cpu));
  });
});

Deno.test("a concatenation with nothing before it reads its extents from the inputs", async () => {
  const past = input("past", "float32", ["past", 2]);
  const now = input("now", "float32", ["time", 2]);
  const all = concat([past, now], 0);
  const outputs = { last: slice(all, 0, "past", "past+time") };
  for (const before of [0, 3]) {
    const { last } = await runGraph(outputs, {
      past: floats([before, 2], new Float32Array(before * 2)),
      now: floats([1, 2], Float32Array.of(5, 6)),
    });
    assert.deepEqual(last.data, Float32Array.of(5, 6));
  }
});
