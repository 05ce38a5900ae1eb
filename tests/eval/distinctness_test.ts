import assert from "node:assert/strict";
import fc from "fast-check";
import { distinctness } from "../../lib/eval/distinctness.ts";
import { assertNear, goldenMetrics, withGolden } from "./golden_metrics.ts";

Deno.test({
  ...withGolden("distinctness gives the golden numbers of every prompt and their mean"),
  fn() {
    const golden = goldenMetrics!.distinctness;
    const perPrompt = golden.prompts.map(distinctness);
    perPrompt.forEach((values, i) => assertNear(values, golden.per_prompt[i]));
    const mean = [0, 1, 2].map((n) =>
      perPrompt.reduce((sum, values) => sum + values[n], 0) / perPrompt.length
    );
    assertNear(mean, golden.mean);
  },
});

Deno.test("distinctness counts blanks as the published code does", () => {
  assert.deepEqual(distinctness([""]), [1, 0, 0]);
  assert.deepEqual(distinctness([" a"]), [1, 0.5, 0]);
  assert.deepEqual(distinctness(["a\nb c"]), [1, 0.5, 0]);
  assert.deepEqual(distinctness(["a b", "a b"]), [0.5, 0.25, 0]);
});

Deno.test("distinctness does not merge n-grams whose words hold the joining sign", () => {
  assert.equal(distinctness(["a_b c", "a b_c"])[1], 2 / 4);
});

Deno.test("repeating all texts divides distinctness by the number of copies", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string(), { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 2, max: 5 }),
      (texts, copies) => {
        const repeated = distinctness(Array(copies).fill(texts).flat());
        assertNear(repeated.map((value) => value * copies), distinctness(texts));
      },
    ),
  );
});

Deno.test("distinctness of no text is an error", () => {
  assert.throws(() => distinctness([]), /RangeError: .*'texts' is empty/);
});
