import fc from "fast-check";
import assert from "node:assert/strict";
import {
  Progress,
  type ProgressOutput,
  type ProgressState,
  renderDone,
  renderProgress,
} from "../lib/progress.ts";

const state: ProgressState = {
  label: "Training",
  total: 2000,
  unit: "steps",
  start: 0,
  done: 500,
  elapsed: 40,
  note: "loss 0.31",
};

Deno.test("a line tells how much is done, how fast, how long it took and will take", () => {
  assert.equal(
    renderProgress(state, 200),
    "Training █████░░░░░░░░░░░░░░░ 25% · 500 of 2,000 steps · 12.5 steps/s · 0:40, 2:00 left · " +
      "loss 0.31",
  );
  assert.equal(
    renderProgress({ ...state, elapsed: 4000, note: undefined }, 200),
    "Training █████░░░░░░░░░░░░░░░ 25% · 500 of 2,000 steps · 0.125 steps/s · 1:06:40, 3:20:00 left",
  );
  assert.equal(
    renderProgress({ ...state, done: 0, note: undefined }, 200),
    "Training ░░░░░░░░░░░░░░░░░░░░ 0% · 0 of 2,000 steps · 0 steps/s · 0:40",
  );
  assert.equal(
    renderDone({ ...state, done: 2000 }, 200),
    "Training: 2,000 steps in 0:40 · 50 steps/s · loss 0.31",
  );
});

Deno.test("the rate leaves out what was done before the work was resumed", () => {
  assert.match(
    renderProgress({ ...state, start: 400 }, 200),
    / · 2\.5 steps\/s · 0:40, 10:00 left/,
  );
});

Deno.test("a line is never longer than its place, nor more than full", () => {
  const amount = fc.double({ min: 0, max: 1e12, noNaN: true });
  fc.assert(fc.property(
    fc.record({
      label: fc.string(),
      unit: fc.string(),
      total: amount,
      start: amount,
      done: amount,
      elapsed: fc.double({ min: 0, max: 1e6, noNaN: true }),
      note: fc.option(fc.string(), { nil: undefined }),
    }),
    fc.nat(200),
    (state, width) => {
      for (const text of [renderProgress(state, width), renderDone(state, width)]) {
        assert.ok(text.length <= width || (width === 0 && text === "…"));
        assert.doesNotMatch(text, /NaN|Infinity/);
      }
    },
  ));
});

/** Runs `test` with a clock that it sets itself, in seconds. */
function withClock(test: (setTime: (seconds: number) => void) => void): void {
  const real = performance.now;
  let time = 0;
  performance.now = () => time;
  try {
    test((seconds) => time = 1000 * seconds);
  } finally {
    performance.now = real;
  }
}

class Recorder implements ProgressOutput {
  readonly width = 200;
  readonly shown: string[] = [];
  ended = 0;
  show(text: string): void {
    this.shown.push(text);
  }
  end(): void {
    this.ended++;
  }
}

Deno.test("work that ends within half a second shows nothing", () => {
  withClock((setTime) => {
    const output = new Recorder();
    const progress = new Progress({ label: "Reading", total: 9, unit: "rows", output });
    setTime(0.49);
    progress.update(9);
    progress.done();
    assert.deepEqual([output.shown, output.ended], [[], 0]);
  });
});

Deno.test("longer work is redrawn at most ten times a second, and ends with a summary", () => {
  withClock((setTime) => {
    const output = new Recorder();
    const progress = new Progress({ label: "Reading", total: 2000, unit: "rows", output });
    for (let done = 1; done <= 2000; done++) {
      setTime(done / 1000);
      progress.update(done);
    }
    progress.done("all there");
    assert.ok(output.shown.length >= 15 && output.shown.length <= 17, `${output.shown.length}`);
    assert.equal(output.shown.at(-1), "Reading: 2,000 rows in 0:02 · 1,000 rows/s · all there");
    assert.equal(output.ended, 1);
  });
});

Deno.test("a total that is no amount is refused", () => {
  for (const total of [-1, NaN, Infinity]) {
    assert.throws(() => new Progress({ label: "Reading", total, unit: "rows" }), {
      name: "RangeError",
      message: `Cannot show progress as 'total' must be 0 or more: it is ${total}`,
    });
  }
});
