import assert from "node:assert/strict";
import { linesIn } from "../../lib/files/stream_lines.ts";

const pieces = ["on", "e\ntw\u2028o\n\nthr", "ee"].map((text) => new TextEncoder().encode(text));

Deno.test("lines come whole, however the stream is cut, and what follows the last end is one if that is wanted", async () => {
  const all = await Array.fromAsync(linesIn(ReadableStream.from(pieces)));
  assert.deepEqual(all, ["one", "tw\u2028o", "", "three"]);
  const whole = await Array.fromAsync(linesIn(ReadableStream.from(pieces), { torn: false }));
  assert.deepEqual(whole, ["one", "tw\u2028o", ""]);
});
