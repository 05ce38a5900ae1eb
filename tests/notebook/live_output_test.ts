import assert from "node:assert/strict";
import { displayedAs, lookOf } from "../../lib/notebook/display.ts";
import { LiveOutput } from "../../lib/notebook/live_output.ts";

Deno.test("an output is displayed once and then updated in place", () => {
  const sent: [string, Record<string, unknown>][] = [];
  const output = new LiveOutput({ broadcast: (...message) => sent.push(message) });
  output.show({ "text/plain": "1" });
  output.show({ "text/plain": "2" }, { progress: true });
  assert.deepEqual(sent.map(([type]) => type), ["display_data", "update_display_data"]);
  const [first, second] = sent.map(([, content]) => content);
  assert.deepEqual(first.transient, second.transient);
  assert.deepEqual(second.data, { "text/plain": "2" });
  assert.deepEqual([first.metadata, second.metadata], [{}, { progress: true }]);
});

Deno.test("a kernel that fails does not stop the work", () => {
  const output = new LiveOutput({
    broadcast() {
      throw new Error("gone");
    },
  });
  output.show({ "text/plain": "1" });
});

Deno.test("outside of notebooks there is no live output", () => {
  assert.equal(LiveOutput.here(), undefined);
});

Deno.test("an object's look is neither listed nor copied", async () => {
  const object = displayedAs({ a: 1 }, () => ({ "text/plain": "look" }));
  assert.deepEqual(Object.keys(object), ["a"]);
  assert.deepEqual(await lookOf(object), { "text/plain": "look" });
  assert.equal(await lookOf({ ...object }), undefined);
});
