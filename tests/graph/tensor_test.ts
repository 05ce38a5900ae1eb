import assert from "node:assert/strict";
import * as ops from "../../lib/graph/ops/functions.ts";
import { constant, extents, input, scalar, weight } from "../../lib/graph/tensor.ts";

Deno.test("an input is known by element type and shape, its extents in their canonical spelling", () => {
  const { dtype, shape } = input("x", "float32", ["time*batch", 3]);
  assert.equal(dtype, "float32");
  assert.deepEqual(shape, ["batch*time", 3]);
});

Deno.test("extents are an integer vector, in their canonical spelling", () => {
  const { dtype, shape, source } = extents(["time+past", 3]);
  assert.equal(dtype, "int64");
  assert.deepEqual(shape, [2]);
  assert.deepEqual(source, { kind: "extents", dims: ["past+time", 3] });
});

Deno.test("a constant holds numbers in its element type", () => {
  const data = (tensor: ReturnType<typeof constant>) =>
    tensor.source.kind === "constant" ? tensor.source.data : undefined;
  assert.deepEqual(data(constant("float32", [2], [1, 0.1])), Float32Array.of(1, 0.1));
  assert.deepEqual(data(constant("float64", [2], [1, 0.1])), Float64Array.of(1, 0.1));
  assert.deepEqual(data(constant("int64", [2], [1, -2])), BigInt64Array.of(1n, -2n));
  assert.deepEqual(data(constant("bool", [2], [1, 0])), Uint8Array.of(1, 0));
  assert.deepEqual(scalar("float32", 2).shape, []);
});

Deno.test("a constant that does not fill its shape, or is of another element size, is refused", () => {
  assert.throws(() => constant("float32", [2, 2], [1, 2, 3]), {
    name: "RangeError",
    message: "constant: 3 elements of 4 bytes do not fill float32 [2, 2].",
  });
  assert.throws(() => constant("float32", [2], Float64Array.of(1, 2)), {
    name: "RangeError",
    message: "constant: 2 elements of 8 bytes do not fill float32 [2].",
  });
});

Deno.test("a weight whose region has not the length of its shape is refused", () => {
  const region = { path: "/models/model.safetensors", offset: 8, byteLength: 20 };
  assert.throws(() => weight("w", "float32", [2, 3], region), {
    name: "RangeError",
    message: "weight w: float32 [2, 3] needs 24 bytes, but its region in " +
      "/models/model.safetensors has 20.",
  });
  assert.deepEqual(weight("w", "float32", [5], region).shape, [5]);
});

Deno.test("an op of anything but tensors is refused in one sentence that says how to make one", () => {
  const x = input("x", "float32", [2, 3]);
  // the others take more than tensors before them
  const { loop: _loop, quantizedMatmul: _quantized, topK: _topK, ...others } = ops;
  for (const [name, op] of Object.entries(others)) {
    for (const given of [undefined, null, {}, "x", Promise.resolve(x)]) {
      const value = name === "concat" ? [given, given] : given;
      assert.throws(
        () => (op as (...values: unknown[]) => unknown)(value, value),
        (error: Error) =>
          error instanceof TypeError &&
          /^[\w ]+ takes tensors of a graph, not [\w ]+: make them with input\(\), /.test(
            error.message,
          ),
        `${name} of ${given}`,
      );
    }
  }
});
