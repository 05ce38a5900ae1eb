import assert from "node:assert/strict";
import { skipUnless } from "./require.ts";

Deno.test("a test is skipped where its need is not met, unless the environment requires it", () => {
  const before = Deno.env.get("ARMATURE_REQUIRE");
  try {
    Deno.env.delete("ARMATURE_REQUIRE");
    assert.equal(skipUnless("webgpu", true), false);
    assert.equal(skipUnless("webgpu", false), true);
    Deno.env.set("ARMATURE_REQUIRE", "data, webgpu");
    assert.equal(skipUnless("webgpu", false), false);
    assert.equal(skipUnless("cuda", false), true);
  } finally {
    if (before === undefined) Deno.env.delete("ARMATURE_REQUIRE");
    else Deno.env.set("ARMATURE_REQUIRE", before);
  }
});
