import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { modelsPage } from "../../docs/models_page.ts";

Deno.test("docs/models.md is what the list of architectures makes of it", async () => {
  const page = fileURLToPath(new URL("../../docs/models.md", import.meta.url));
  // the formatter pads tables and breaks lines
  const plain = (text: string) => text.replace(/-{2,}/g, "-").replace(/\s+/g, " ");
  assert.equal(plain(await Deno.readTextFile(page)), plain(modelsPage()));
});
