import assert from "node:assert/strict";
import { stateLines } from "../../lib/engines/run_state.ts";

Deno.test("the table of a run says what is done, runs and failed, how fast, and how long it takes", () => {
  const lines = stateLines({
    total: 10,
    done: 4,
    doneCost: 30,
    totalCost: 120,
    elapsed: 60,
    running: [{ title: "Training RAD", seconds: 75 }],
    failed: [{ title: "Judging", error: "the disk is full" }],
  }, 200);
  assert.deepEqual(lines, [
    "Stages █████░░░░░░░░░░░░░░░ 25% · 4 of 10 done · 1 running · 1 failed · 4 stages/min · 1:00, about 3:00 left",
    "     1:15  Training RAD",
    "   failed  Judging: the disk is full",
  ]);
  const narrow = stateLines({
    total: 2,
    done: 0,
    doneCost: 0,
    totalCost: 0,
    elapsed: 0,
    running: [],
    failed: [],
  }, 30);
  assert.deepEqual(narrow.map(({ length }) => length), [30]);
});
