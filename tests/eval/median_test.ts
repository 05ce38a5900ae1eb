import assert from "node:assert/strict";
import { median } from "../../lib/eval/median.ts";

Deno.test("the median is the middle value, or the mean of the two in the middle", () => {
  assert.equal(median([3, 1, 10]), 3);
  assert.equal(median([4, 1, 2, 10]), 3);
  assert.equal(median([7]), 7);
  assert.throws(() => median([]), /RangeError: There is no median of no values/);
});
