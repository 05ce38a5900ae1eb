import assert from "node:assert/strict";
import { visible } from "../../lib/notebook/visible.ts";

Deno.test("control characters and marks of direction are made visible", () => {
  assert.equal(visible("\u001b[31mred\u007f\u0085"), "␛[31mred␡⟨U+0085⟩");
  assert.equal(visible("a\u202eb\u2066c"), "a⟨U+202E⟩b⟨U+2066⟩c");
});

Deno.test("ordinary text stays as it is, in any script", () => {
  const text = "naïve\n\tשלום مرحبا 漢字 👩‍👩‍👧";
  assert.equal(visible(text), text);
});

Deno.test("half a surrogate pair becomes a replacement character", () => {
  assert.equal(visible("a\ud800"), "a\ufffd");
});
