import assert from "node:assert/strict";
import type { SweepRow } from "../../lib/experiments/sweep_row.ts";
import { shownSweep } from "../../lib/experiments/sweep_look.ts";
import { lookOf } from "../../lib/notebook/display.ts";

const row = (system: string, beta: number): SweepRow => ({
  system,
  beta,
  score: 0.5,
  scoreLow: 0.45,
  scoreHigh: 0.55,
  perplexity: 10,
  perplexityLow: 9,
  perplexityHigh: 11.5,
  backboneCalls: 20,
  tokensPerSecond: 12_345.6,
  generation: {
    texts: [{ prompt: "a", continuations: ["b", "c"] }],
  } as unknown as SweepRow["generation"],
});

Deno.test("rows of a sweep are a list that shows itself as a table, without its texts", async () => {
  const rows = shownSweep([row("ARM", 0), row("ARM", 5)], 2);
  assert.equal(rows.finished, true);
  assert.deepEqual(rows.map(({ beta }) => beta), [0, 5]);
  assert.deepEqual(Object.keys(rows), ["0", "1"]);
  const look = await lookOf(rows);
  assert.equal(
    look!["text/plain"],
    [
      "Control against fluency",
      "",
      "texts a point  1 prompts × 2",
      "in brackets    95 % intervals over prompts",
      "",
      "system  β                 score           perplexity  backbone calls a step  tokens a second",
      "ARM     0  0.500 [0.450, 0.550]  10.00 [9.00, 11.50]                     20           12,346",
      "ARM     5  0.500 [0.450, 0.550]  10.00 [9.00, 11.50]                     20           12,346",
    ].join("\n"),
  );
});

Deno.test("a sweep that was stopped says so, with or without a point", async () => {
  for (const rows of [[row("ARM", 0)], []]) {
    const stopped = shownSweep(rows, 6);
    assert.equal(stopped.finished, false);
    assert.match(
      (await lookOf(stopped))!["text/plain"] as string,
      new RegExp(`^Stopped after ${rows.length} of 6 points: the others are missing`),
    );
  }
});
