import fc from "fast-check";
import assert from "node:assert/strict";
import * as ort from "onnxruntime-node";
import { cacheRows } from "../../lib/bases/cache_rows.ts";

Deno.test("rows of a cache are picked and repeated, in float32 and float16, also where nothing was read", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 0, max: 3 }),
      fc.array(fc.nat(), { minLength: 1, maxLength: 6 }),
      fc.constantFrom("float32" as const, "float16" as const),
      async (all, past, picks, type) => {
        const dims = [all, 2, past, 3];
        const size = 6 * past;
        const data = Float32Array.from({ length: all * size }, (_, i) => i % 100);
        const halves = Uint16Array.from(data);
        const value = type === "float32"
          ? new ort.Tensor(type, data, dims)
          : new ort.Tensor(type, halves, dims);
        const rows = picks.map((pick) => pick % all);
        const picked = await cacheRows(value, rows, "cpu");
        assert.deepEqual([picked.type, picked.dims], [type, [rows.length, 2, past, 3]]);
        const source: ArrayLike<number> = type === "float32" ? data : halves;
        const got = picked.data as Float32Array | Uint16Array;
        // as bits, whatever the class of the array is
        const bits = type === "float32"
          ? got
          : new Uint16Array(got.buffer, got.byteOffset, got.length);
        const expected = rows.flatMap((row) =>
          Array.from(source).slice(row * size, (row + 1) * size)
        );
        assert.deepEqual(Array.from(bits), expected);
      },
    ),
    { numRuns: 100, seed: 1 },
  );
});
