import assert from "node:assert/strict";
import fc from "fast-check";
import { thinLine } from "../../lib/charts/thin_line.ts";

Deno.test("a thinned line keeps its ends, its order and no more points than it may", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 300 }),
      fc.integer({ min: 2, max: 40 }),
      (values, most) => {
        const kept = thinLine(values.map((y, x) => ({ x, y })), most);
        assert.ok(kept.length <= Math.max(most, 1));
        assert.equal(kept[0], 0);
        assert.equal(kept.at(-1), values.length - 1);
        assert.deepEqual(kept, [...new Set(kept)].toSorted((a, b) => a - b));
      },
    ),
  );
});

Deno.test("no point of a rising line lies farther from the thinned one than a step of its length", () => {
  const line = Array.from({ length: 5000 }, (_, x) => ({ x, y: Math.exp(x / 300) }));
  const kept = thinLine(line, 200);
  const step = 2 / 199;
  for (const [i, place] of kept.slice(1).entries()) {
    const [from, to] = [line[kept[i]], line[place]];
    const length = (to.x - from.x) / 4999 + (to.y - from.y) / (line[4999].y - 1);
    const isNext = place - kept[i] === 1;
    assert.ok(isNext || length < 2 * step, `${length} between ${kept[i]} and ${place}`);
  }
});

Deno.test("a steep part keeps more of its points than a flat one of as many", () => {
  const line = Array.from({ length: 1000 }, (_, x) => ({ x, y: x < 500 ? 0 : x - 500 }));
  const kept = thinLine(line, 100);
  assert.ok(kept.filter((i) => i >= 500).length > 2 * kept.filter((i) => i < 500).length);
});

Deno.test("a level line and a short one are no exception", () => {
  assert.deepEqual(thinLine([{ x: 3, y: 3 }], 2), [0]);
  assert.deepEqual(thinLine([{ x: 1, y: 1 }, { x: 2, y: 1 }], 2), [0, 1]);
  assert.deepEqual(thinLine([0, 1, 2, 3, 4].map((x) => ({ x, y: 7 })), 3), [0, 2, 4]);
});
