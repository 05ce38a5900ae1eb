import assert from "node:assert/strict";
import { defaultRate } from "../../lib/train/default_rate.ts";

Deno.test("a model of GPT-2-small's width or more has the paper's rate, and a narrower one a higher one", () => {
  assert.deepEqual([768, 1280].map(defaultRate), [1e-5, 1e-5]);
  assert.ok(Math.abs(defaultRate(128) - 3.6e-4) < 1e-12);
  assert.equal(defaultRate(16), 1e-3);
});
