import assert from "node:assert/strict";
import { intervalText } from "../../lib/eval/interval_text.ts";

Deno.test("an interval is written behind its estimate, and left out where it is not known", () => {
  assert.equal(intervalText({ estimate: 0.84, low: 0.7, high: 0.9 }), "0.840 [0.700, 0.900]");
  assert.equal(intervalText({ estimate: 12, low: 10.04, high: 13 }, 1), "12.0 [10.0, 13.0]");
  assert.equal(intervalText({ estimate: 1, low: NaN, high: NaN }, 2), "1.00");
});
