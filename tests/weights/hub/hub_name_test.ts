import assert from "node:assert/strict";
import { isHubName } from "../../../lib/weights/hub.ts";

Deno.test("names on the hub are told from paths", () => {
  for (const name of ["gpt2", "openai-community/gpt2", "HuggingFaceTB/SmolLM2-135M", "a_b/c.d-e"]) {
    assert.ok(isHubName(name), name);
  }
  for (
    const path of ["", ".", "..", "./gpt2", "/models/gpt2", "a/b/c", "a\\b", "~/gpt2", "a--b", "-a"]
  ) {
    assert.ok(!isHubName(path), path);
  }
});
