import fc from "fast-check";
import assert from "node:assert/strict";
import {
  dequantizeRows,
  parseQuantization,
  quantizationBits,
  quantizationBlocks,
  quantizeRows,
} from "../../lib/weights/quantization.ts";
import { quantizations } from "./quantizations.ts";

/** A matrix with numbers of any size, among them rows and blocks of zeros. */
const matrices = fc.record({
  rows: fc.integer({ min: 1, max: 4 }),
  inner: fc.integer({ min: 1, max: 150 }),
})
  .chain(({ rows, inner }) =>
    fc.record({
      inner: fc.constant(inner),
      values: fc.float32Array({
        minLength: rows * inner,
        maxLength: rows * inner,
        noNaN: true,
        // a step of the very largest numbers could round to infinity
        min: -(2 ** 126),
        max: 2 ** 126,
      }),
    })
  );

Deno.test("a number and what is stored of it differ by half a step of its block at most", () => {
  fc.assert(fc.property(matrices, quantizations, ({ inner, values }, quantization) => {
    const { bits, block } = quantization;
    const quantized = quantizeRows(values, inner, quantization);
    const blocks = Math.ceil(inner / block);
    const rows = values.length / inner;
    assert.equal(quantized.scales.length, rows * blocks);
    assert.equal(quantized.packed.length, rows * blocks * block * bits / 8);
    const stored = dequantizeRows(quantized, inner, quantization);
    assert.equal(stored.length, values.length);
    values.forEach((value, i) => {
      const step = quantized.scales[Math.floor(i / inner) * blocks + Math.floor(i % inner / block)];
      // beside rounding to float32, which is all there is below its smallest normal number
      const rounding = 2 ** -20 * Math.abs(value) + 2 ** -140;
      assert.ok(Math.abs(value - stored[i]) <= step / 2 + rounding, `${value} became ${stored[i]}`);
    });
  }));
});

Deno.test("numbers that are steps already are stored as they are", () => {
  const values = Float32Array.of(7, -7, 0, 3, -1, 0.5, 0, 0);
  for (const block of quantizationBlocks) {
    for (const bits of quantizationBits) {
      const quantization = { bits, block };
      const even = values.map((value) => bits === 4 ? Math.trunc(value) : value * 127 / 7);
      const stored = dequantizeRows(quantizeRows(even, 4, quantization), 4, quantization);
      const expected = bits === 4 ? [7, -7, 0, 3] : [127, -127, 0];
      assert.deepEqual([...stored.subarray(0, expected.length)], expected);
    }
  }
});

Deno.test("two numbers of 4 bits share a byte, the lower half first, and a row ends in zeros", () => {
  const { packed, scales } = quantizeRows(Float32Array.of(7, -7, 1), 3, { bits: 4, block: 16 });
  assert.deepEqual([...packed], [0x1f, 0x89, 0x88, 0x88, 0x88, 0x88, 0x88, 0x88]);
  assert.deepEqual([...scales], [1]);
});

Deno.test("numbers that are not finite are refused", () => {
  for (const value of [NaN, Infinity, -Infinity]) {
    const values = Float32Array.of(1, value, 2, 3);
    assert.throws(() => quantizeRows(values, 2, { bits: 8, block: 32 }), {
      name: "RangeError",
      message: "Cannot quantize a matrix with numbers that are not finite",
    });
  }
});

Deno.test("config.json says how the matrices are stored", () => {
  const parse = (quantization: unknown) =>
    parseQuantization({ armature: { kind: "lm", quantization } }, "config.json");
  assert.deepEqual(parse({ bits: 4, block: 32 }), { bits: 4, block: 32 });
  for (const config of [null, {}, [], "text", { armature: {} }, { armature: null }]) {
    assert.equal(parseQuantization(config, "config.json"), undefined);
  }
  for (
    const wrong of [null, 8, "8", [], {}, { bits: 8 }, { bits: 3, block: 32 }, {
      bits: 8,
      block: 33,
    }, { bits: "8", block: 32 }]
  ) {
    assert.throws(() => parse(wrong), {
      name: "TypeError",
      message: `config.json says armature.quantization: ${JSON.stringify(wrong)}; ` +
        "its bits must be 8 or 4, its block 16, 32, 64.",
    });
  }
});
