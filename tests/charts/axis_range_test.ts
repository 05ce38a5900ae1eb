import assert from "node:assert/strict";
import fc from "fast-check";
import type { TopLevelSpec } from "vega-lite";
import { linearRange, logRange, scaleAndTicks } from "../../lib/charts/axis_range.ts";
import { renderSvg } from "../../lib/charts/render.ts";
import { textsOf } from "./chart_checks.ts";

Deno.test("a range holds its values with a margin, and places and values are inverse", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 1e-3, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 10 }),
      fc.constantFrom(linearRange, logRange),
      (values, rangeOf) => {
        const range = rangeOf(values);
        for (const value of values) {
          assert.ok(range.low < value && value < range.high);
          assert.ok(Math.abs(range.value(range.share(value)) / value - 1) < 1e-6);
        }
        assert.ok(Math.abs(range.share(range.low)) < 1e-6);
      },
    ),
  );
});

Deno.test("ticks of a logarithmic axis are round and few", () => {
  const ticks = (...values: number[]) => {
    const { axis } = scaleAndTicks(logRange(values));
    return "values" in axis ? axis.values : [];
  };
  assert.deepEqual(ticks(8, 30), [10, 15, 20, 30]);
  assert.deepEqual(ticks(0.02, 0.3), [0.02, 0.05, 0.1, 0.2]);
  assert.deepEqual(ticks(1, 1e5), [1, 10, 100, 1000, 1e4, 1e5]);
  assert.deepEqual(ticks(1e-10, 1), [1e-10, 1e-8, 1e-6, 1e-4, 0.01, 1]);
});

Deno.test("all ticks of an axis are in one notation: decimals, or powers where zeros would have to be counted", async () => {
  const labels = async (...values: number[]) => {
    const y = { field: "y", type: "quantitative", title: "Y", ...scaleAndTicks(logRange(values)) };
    const svg = await renderSvg({
      data: { values: values.map((y) => ({ y })) },
      mark: "point",
      encoding: { y },
    } as TopLevelSpec);
    return textsOf(svg).filter((text) => text !== "Y");
  };
  assert.deepEqual(await labels(8, 30), ["10", "15", "20", "30"]);
  assert.deepEqual(await labels(100, 2000), ["100", "200", "500", "1,000", "2,000"]);
  assert.deepEqual(await labels(1e-10, 1), ["10⁻¹⁰", "10⁻⁸", "10⁻⁶", "10⁻⁴", "10⁻²", "10⁰"]);
  assert.deepEqual(
    await labels(1, 1e6),
    ["1", "10", "100", "1,000", "10,000", "100,000", "1,000,000"].map((_, i) =>
      `10${"⁰¹²³⁴⁵⁶"[i]}`
    ),
  );
});
