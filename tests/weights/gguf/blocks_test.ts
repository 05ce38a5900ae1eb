import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { type BlockTypeName, blockTypeNames } from "../../../lib/weights/gguf/block_types.ts";
import { floatsOf, groupsOf } from "../../../lib/weights/gguf/blocks.ts";

/** Blocks of random bytes, and what `gguf.quants.dequantize` of Python's gguf 0.19 (`make.py`) makes of them, both in base64. */
const dequantized: Record<BlockTypeName, { bytes: string; floats: string }> = JSON.parse(
  await Deno.readTextFile(new URL("dequantized.json", import.meta.url)),
);

Deno.test("every element type is dequantized as Python's gguf does, bit for bit", () => {
  assert.deepEqual(Object.keys(dequantized).sort(), [...blockTypeNames].sort());
  for (const type of blockTypeNames) {
    const { bytes, floats } = dequantized[type];
    const { buffer } = floatsOf(type, new Uint8Array(Buffer.from(bytes, "base64")));
    assert.equal(Buffer.from(buffer).toString("base64"), floats, type);
  }
});

Deno.test("all numbers of a block fit into the bits that its type has", () => {
  const most = { Q4_0: 15, Q4_1: 15, Q4_K: 15, Q5_0: 31, Q5_1: 31, Q5_K: 31, Q6_K: 63, Q8_0: 255 };
  for (const [type, largest] of Object.entries(most)) {
    const bytes = new Uint8Array(Buffer.from(dequantized[type as BlockTypeName].bytes, "base64"));
    const { numbers } = groupsOf(type as BlockTypeName, bytes)!;
    assert.ok(Math.max(...numbers) <= largest, type);
    assert.ok(Math.max(...numbers) >= largest * 0.9, type);
  }
});
