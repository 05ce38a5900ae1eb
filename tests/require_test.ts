import assert from "node:assert/strict";
import { skipUnless } from "./require.ts";

Deno.test("a test is skipped where its need is not met, unless the environment requires it", () => {
  assert.equal(skipUnless("webgpu", true, ""), false);
  assert.equal(skipUnless("webgpu", false, ""), true);
  assert.equal(skipUnless("webgpu", false, "data, webgpu"), false);
  assert.equal(skipUnless("cuda", false, "data, webgpu"), true);
});
