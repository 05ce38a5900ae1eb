import assert from "node:assert/strict";
import { rateAt, type Schedule } from "../../lib/train/schedule.ts";

const rates = (schedule: Schedule, steps: number) =>
  Array.from({ length: steps }, (_, i) => rateAt(schedule, i + 1, steps));

Deno.test("the rate is constant where nothing is said", () => {
  assert.deepEqual(rates({ learningRate: 0.5 }, 3), [0.5, 0.5, 0.5]);
});

Deno.test("a warm-up rises to the rate and then leaves the shape its whole way", () => {
  assert.deepEqual(rates({ learningRate: 1, warmupSteps: 4 }, 6), [0.25, 0.5, 0.75, 1, 1, 1]);
  assert.deepEqual(rates({ learningRate: 1, schedule: "linear", warmupSteps: 2 }, 6), [
    0.5,
    1,
    1,
    0.75,
    0.5,
    0.25,
  ]);
});

Deno.test("a cosine falls slowly, fast, and slowly again", () => {
  const [first, second, third, fourth] = rates({ learningRate: 2, schedule: "cosine" }, 4);
  assert.equal(first, 2);
  assert.ok(Math.abs(second - (1 + Math.SQRT1_2)) < 1e-12);
  assert.ok(Math.abs(third - 1) < 1e-12);
  assert.ok(Math.abs(fourth - (1 - Math.SQRT1_2)) < 1e-12);
});
