import assert from "node:assert/strict";
import { armHeadShapes } from "../../lib/methods/arm.ts";
import { gpt2Backbone } from "../../lib/models/gpt2.ts";
import { headFill, initialize } from "../../lib/models/initialization.ts";
import { Random } from "../../lib/random.ts";

const backbone = gpt2Backbone({ vocabulary: 300, context: 32, width: 64, layers: 4, heads: 4 });
const fill = (name: string) => (backbone.shapes.has(name) ? backbone.fill : headFill)(name);
const shapes = new Map([
  ...backbone.shapes,
  ...armHeadShapes({ labels: 2, width: 64, baseline: true }),
]);

Deno.test("fresh parameters are distributed as GPT-2's", () => {
  for (const [name, values] of initialize(shapes, fill, new Random(1))) {
    const size = shapes.get(name)!.reduce((product, extent) => product * extent, 1);
    assert.equal(values.length, size);
    if (/ln_\w+\.weight$/.test(name)) assert.ok(values.every((value) => value === 1), name);
    else if (name.endsWith(".bias")) assert.ok(values.every((value) => value === 0), name);
    else {
      const expected = name.endsWith("c_proj.weight") ? 0.02 / Math.sqrt(8) : 0.02;
      const mean = values.reduce((sum, value) => sum + value, 0) / size;
      const squares = values.reduce((sum, value) => sum + value * value, 0) / size;
      // five standard errors of the mean, and of the deviation
      assert.ok(Math.abs(mean) < 5 * expected / Math.sqrt(size), `${name}: ${mean}`);
      assert.ok(
        Math.abs(Math.sqrt(squares) / expected - 1) < 5 / Math.sqrt(2 * size),
        `${name}: ${Math.sqrt(squares)}`,
      );
    }
  }
});

Deno.test("equal seeds give equal parameters, other seeds others", () => {
  const first = initialize(shapes, fill, new Random(1));
  assert.deepEqual(initialize(shapes, fill, new Random(1)), first);
  assert.notDeepEqual(initialize(shapes, fill, new Random(2)), first);
});
