import fc from "fast-check";
import assert from "node:assert/strict";
import { gemm, quantizedMatmul, type QuantizedMatrix } from "../../lib/graph/ops/mod.ts";
import { compile } from "../../lib/graph/program.ts";
import { constant, input } from "../../lib/graph/tensor.ts";
import { Random } from "../../lib/random.ts";
import type { Device } from "../../lib/runtime/device.ts";
import { Session } from "../../lib/runtime/session.ts";
import { floats } from "../../lib/runtime/value.ts";
import { dequantizeRows, type Quantization, quantizeRows } from "../../lib/weights/quantization.ts";
import { cpu, floatsOf, largestDifference } from "../run_graph.ts";
import { webgpuTest } from "../runtime/webgpu.ts";
import { quantizations } from "../weights/quantizations.ts";

interface Product {
  readonly quantization: Quantization;
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  readonly seed: number;
}

const products: fc.Arbitrary<Product> = fc.record({
  quantization: quantizations,
  rows: fc.integer({ min: 1, max: 9 }),
  inner: fc.integer({ min: 1, max: 200 }),
  columns: fc.integer({ min: 1, max: 70 }),
  seed: fc.nat(1000),
});

/** A random matrix in few bits, and the rows of columns that it stands for. */
function randomMatrix({ quantization, inner, columns }: Product, random: Random) {
  const { bits, block } = quantization;
  const values = Float32Array.from({ length: columns * inner }, () => random.normal());
  const { packed, scales } = quantizeRows(values, inner, quantization);
  const blocks = Math.ceil(inner / block);
  const matrix: QuantizedMatrix = {
    packed: constant("uint8", [columns, blocks, block * bits / 8], packed),
    scales: constant("float32", [columns, blocks], scales),
    bits,
    block,
  };
  return { matrix, stored: dequantizeRows({ packed, scales }, inner, quantization) };
}

/**
 * What the product may be off by in each place where the left operand has 8 bits as well: half a step of each of its
 * blocks, times the weights there.
 */
function bounds(x: Float32Array, stored: Float32Array, { quantization, inner, columns }: Product) {
  const { block } = quantization;
  return Float32Array.from({ length: x.length / inner * columns }, (_, place) => {
    const [row, column] = [Math.floor(place / columns), place % columns];
    let bound = 0;
    for (let from = 0; from < inner; from += block) {
      const to = Math.min(inner, from + block);
      const part = x.subarray(row * inner + from, row * inner + to);
      const largest = part.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const weights = stored.subarray(column * inner + from, column * inner + to);
      bound += largest / 127 / 2 * weights.reduce((sum, weight) => sum + Math.abs(weight), 0);
    }
    return 1.01 * bound + 1e-4;
  });
}

async function checkProducts(device: Device, runs: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(products, fc.boolean(), async (product, withBias) => {
      const { rows, inner, columns, seed } = product;
      const random = new Random(seed, "product");
      const { matrix, stored } = randomMatrix(product, random);
      const normals = (length: number) => Float32Array.from({ length }, () => random.normal());
      const bias = withBias ? constant("float32", [columns], normals(columns)) : undefined;
      const x = input("x", "float32", ["rows", inner]);
      const y = quantizedMatmul(x, matrix, bias);
      const whole = constant("float32", [columns, inner], stored);
      const expected = gemm(x, whole, { transposeB: true, bias });
      await using session = await Session.open(compile({ y, expected }), device, { threads: 1 });
      const values = normals(rows * inner);
      const outputs = await session.run({ x: floats([rows, inner], values) });
      assert.deepEqual(outputs.y.dims, [rows, columns]);
      const [got, wanted] = [floatsOf(outputs.y), floatsOf(outputs.expected)];
      bounds(values, stored, product).forEach((bound, i) =>
        assert.ok(Math.abs(got[i] - wanted[i]) <= bound, `${got[i]} and ${wanted[i]}: ${bound}`)
      );
    }),
    { numRuns: runs, seed: 1 },
  );
}

Deno.test("a product with a matrix of few bits is that with the matrix it stands for", async () => {
  await checkProducts(cpu, 60);
});

webgpuTest(
  "a product with a matrix of few bits is that with the matrix it stands for",
  (device) => checkProducts(device, 15),
);

Deno.test("a row of a product with a matrix of few bits does not depend on the other rows", async () => {
  await fc.assert(
    fc.asyncProperty(products, async (product) => {
      const { rows, inner, columns, seed } = product;
      const random = new Random(seed, "product");
      const { matrix } = randomMatrix(product, random);
      const y = quantizedMatmul(input("x", "float32", ["rows", inner]), matrix);
      await using session = await Session.open(compile({ y }), cpu, { threads: 1 });
      // rows of very different sizes, so that a scale in common would show
      const values = Float32Array.from(
        { length: rows * inner },
        (_, i) => 10 ** (Math.floor(i / inner) % 4) * random.normal(),
      );
      const together = floatsOf((await session.run({ x: floats([rows, inner], values) })).y);
      for (let row = 0; row < rows; row++) {
        const own = values.subarray(row * inner, (row + 1) * inner);
        const alone = floatsOf((await session.run({ x: floats([1, inner], own) })).y);
        const among = together.subarray(row * columns, (row + 1) * columns);
        const largest = among.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
        assert.ok(largestDifference(alone, among) <= 1e-5 * largest);
      }
    }),
    { numRuns: 60, seed: 1 },
  );
});

Deno.test("with offsets, and what int8 leaves of x, a product is as good as in float32", async () => {
  const whole = products.map((product) => ({
    ...product,
    inner: Math.ceil(product.inner / product.quantization.block) * product.quantization.block,
  }));
  await fc.assert(
    fc.asyncProperty(whole, fc.boolean(), async (product, withBias) => {
      const { rows, inner, columns, seed, quantization: { block } } = product;
      const random = new Random(seed, "product");
      const { matrix, stored } = randomMatrix(product, random);
      const normals = (length: number) => Float32Array.from({ length }, () => random.normal());
      const blocks = inner / block;
      const offsets = normals(columns * blocks);
      const dense = stored.map((value, i) =>
        value + offsets[Math.floor(i / inner) * blocks + Math.floor(i % inner / block)]
      );
      const x = input("x", "float32", ["rows", inner]);
      const bias = withBias ? constant("float32", [columns], normals(columns)) : undefined;
      const y = quantizedMatmul(x, {
        ...matrix,
        offsets: constant("float32", [columns, blocks], offsets),
        twice: true,
      }, bias);
      const expected = gemm(x, constant("float32", [columns, inner], dense), {
        transposeB: true,
        bias,
      });
      await using session = await Session.open(compile({ y, expected }), cpu, { threads: 1 });
      // a row of zeros has no step
      const values = normals(rows * inner).fill(0, 0, inner);
      const outputs = await session.run({ x: floats([rows, inner], values) });
      assert.deepEqual(outputs.y.dims, [rows, columns]);
      const [got, wanted] = [floatsOf(outputs.y), floatsOf(outputs.expected)];
      const largest = dense.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      assert.ok(largestDifference(got, wanted) < 1e-4 * largest * Math.sqrt(inner));
    }),
    { numRuns: 60, seed: 1 },
  );
});

Deno.test("operands that do not fit a matrix of few bits are refused when the graph is built", () => {
  const x = input("x", "float32", ["rows", 40]);
  const packed = constant("uint8", [3, 2, 16], new Uint8Array(96));
  const scales = constant("float32", [3, 2], new Float32Array(6));
  const matrix: QuantizedMatrix = { packed, scales, bits: 4, block: 32 };
  assert.deepEqual(quantizedMatmul(x, matrix).shape, ["rows", 3]);
  const refused = (build: () => unknown, what: string) =>
    assert.throws(build, { name: "RangeError", message: `MatMulNBits: ${what}.` });
  refused(
    () => quantizedMatmul(input("x", "float32", ["batch", "rows", 40]), matrix),
    "the left operand must be float32 [batch, 40], got float32 [batch, rows, 40]",
  );
  refused(
    () => quantizedMatmul(input("x", "float32", ["rows", 70]), matrix),
    "the packed numbers must be uint8 [3, 3, 16], got uint8 [3, 2, 16]",
  );
  refused(
    () => quantizedMatmul(x, { ...matrix, bits: 8 }),
    "the packed numbers must be uint8 [3, 2, 32], got uint8 [3, 2, 16]",
  );
  refused(
    () => quantizedMatmul(x, { ...matrix, scales: constant("float32", [6], new Float32Array(6)) }),
    "the scales must be float32 [3, 2], got float32 [6]",
  );
  refused(
    () => quantizedMatmul(x, matrix, constant("float32", [4], new Float32Array(4))),
    "the bias must be float32 [3], got float32 [4]",
  );
});
