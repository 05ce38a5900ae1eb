import assert from "node:assert/strict";
import { peersTable, withPeersTable } from "../../docs/peers_table.ts";
import { wordsOf } from "./words_of.ts";

Deno.test("the README's table beside PyTorch is what the benchmark printed", async () => {
  const readme = await Deno.readTextFile(new URL("../../README.md", import.meta.url));
  assert.deepEqual(wordsOf(readme), wordsOf(withPeersTable(readme, await peersTable())));
});
