import assert from "node:assert/strict";
import { Turns } from "../lib/turns.ts";

Deno.test("a timer fires during work that takes turns and awaits nothing else", async () => {
  let hasFired = false;
  const timer = setTimeout(() => hasFired = true, 0);
  const turns = new Turns();
  // Ends in any case: a timer that never has its turn fails the test.
  for (const end = performance.now() + 10_000; !hasFired && performance.now() < end;) {
    await turns.take();
  }
  clearTimeout(timer);
  assert.ok(hasFired);
});
