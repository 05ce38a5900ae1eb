import assert from "node:assert/strict";
import { type RowChoice, RunningRows } from "../../lib/decode/running_rows.ts";
import { Random } from "../../lib/random.ts";
import { Metrics } from "../../lib/serve/metrics.ts";
import { Scheduler, type WantedText } from "../../lib/serve/scheduler.ts";
import { withTinyModels } from "../open_tiny_models.ts";

const never = new AbortController().signal;

/** A text of so many tokens that nothing steers. */
function wanted(
  prompt: readonly number[],
  tokens: number,
  took: (taken: number, choice: RowChoice) => void = () => {},
  samples = 1,
): WantedText {
  const taken = Array<number>(samples).fill(0);
  return {
    prompt: { base: prompt, rated: prompt },
    settings: { topK: 9, temperature: 1, strengths: [] },
    streams: taken.map((_, sample) => new Random(0, "noise", 0, sample)),
    took: (sample, choice) => {
      took(++taken[sample], choice);
      return taken[sample] < tokens;
    },
  };
}

/** Runs `test` with a scheduler of so many rows. */
async function withScheduler(
  rows: number,
  test: (scheduler: Scheduler, metrics: Metrics) => Promise<void>,
): Promise<void> {
  await withTinyModels(async ({ bases: { lm } }) => {
    const metrics = new Metrics();
    const running = await RunningRows.open(lm, [], 9);
    await using scheduler = new Scheduler(running, { rows, queue: 9 }, metrics);
    await test(scheduler, metrics);
  });
}

Deno.test("who comes while others are written has a first token within two steps", async () => {
  await withScheduler(3, async (scheduler) => {
    let steps = 0;
    let waited = Infinity;
    let second: Promise<void> | undefined;
    await scheduler.write([
      wanted([3, 1], 12, (taken) => {
        steps = taken;
        if (taken !== 5) return;
        second = scheduler.write([wanted([4], 1, () => waited = steps - 5)], never);
      }),
    ], never);
    await second;
    assert.ok(waited <= 2, `it waited for ${waited} steps`);
  });
});

Deno.test("nobody is passed by those that come later, and all rows are used", async () => {
  await withScheduler(4, async (scheduler, metrics) => {
    const begun: number[] = [];
    const ask = (name: number, samples: number) =>
      scheduler.write(
        [wanted([1 + name], 6, (taken) => taken === 1 && begun.push(name), samples)],
        never,
      );
    // the third needs all rows, so the fourth, which would find room, waits for it; the last is more than there are rows
    await Promise.all([ask(0, 1), ask(1, 2), ask(2, 4), ask(3, 1), ask(4, 6)]);
    assert.deepEqual([...new Set(begun)], [0, 1, 2, 3, 4]);
    assert.equal(begun.length, 14);
    assert.match(metrics.text(), /^armature_generated_tokens_total 84$/m);
    assert.match(metrics.text(), /^armature_rows 0$/m);
  });
});

Deno.test("what goes wrong with one text ends that alone", async () => {
  await withScheduler(4, async (scheduler) => {
    const texts: number[][] = [[], []];
    const keep = (i: number) => (_: number, { token }: RowChoice) => texts[i].push(token);
    const broken = () => {
      throw new Error("nobody takes it");
    };
    const [first, second, third, fourth] = await Promise.allSettled([
      scheduler.write([wanted([5, 2], 9, keep(0))], never),
      scheduler.write([wanted([5, 3], 9, (taken) => taken === 3 && broken())], never),
      scheduler.write([wanted([7, 7], 9, broken)], never),
      scheduler.write([wanted([5, 2], 9, keep(1))], AbortSignal.timeout(60_000)),
    ]);
    assert.deepEqual([first.status, fourth.status], ["fulfilled", "fulfilled"]);
    for (const { reason } of [second, third] as PromiseRejectedResult[]) {
      assert.match(reason.message, /nobody takes it/);
    }
    assert.deepEqual(texts[0], texts[1]);
    // a token that the model does not have fails in the graph
    await assert.rejects(scheduler.write([wanted([61], 3)], never));
    await scheduler.write([wanted([5, 2], 9, keep(1))], never);
    assert.deepEqual(texts[1].slice(9), texts[0]);
  });
});

Deno.test("those that wait and those that are written end with the scheduler", async () => {
  let waiting: Promise<void>[] = [];
  await withScheduler(1, async (scheduler) => {
    await new Promise<void>((begun) => {
      waiting = [
        scheduler.write([wanted([1], 20, () => begun())], never),
        scheduler.write([wanted([2], 20)], never),
      ];
      for (const each of waiting) each.catch(() => {});
    });
  });
  for (const each of waiting) await assert.rejects(each, /The server ends/);
});
