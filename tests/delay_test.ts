import assert from "node:assert/strict";
import { delay } from "../lib/delay.ts";

Deno.test("waiting ends after its time, and forgets the signal", async () => {
  const { signal } = new AbortController();
  await delay(1, signal);
  await delay(1);
});

Deno.test("waiting ends with the reason of a signal that aborts, at once", async () => {
  const controller = new AbortController();
  const waiting = delay(3_600_000, controller.signal);
  controller.abort(new Error("stopped"));
  await assert.rejects(waiting, /^Error: stopped$/);
});

Deno.test("a signal that has aborted lets nothing wait", async () => {
  await assert.rejects(delay(3_600_000, AbortSignal.abort(new Error("stopped"))), /stopped/);
});
