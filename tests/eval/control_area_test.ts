import assert from "node:assert/strict";
import fc from "fast-check";
import { readPaperTable2 } from "../../lib/data/paper_numbers.ts";
import {
  areasOf,
  controlArea,
  type ControlAreaOptions,
  type MeasuredPoint,
} from "../../lib/eval/control_area.ts";
import { promptMeans } from "../../lib/eval/prompt_means.ts";
import { Random } from "../../lib/random.ts";

const options: ControlAreaOptions = { better: "higher", fluency: "nats", seed: 1, resamples: 200 };

/** Points of one prompt, from β, log-perplexity and score. */
function points(...rows: [beta: number, x: number, y: number][]): MeasuredPoint[] {
  return rows.map(([beta, x, y]) => (
    { beta, score: promptMeans([[y]]), fluency: promptMeans([[x]]) }
  ));
}

/** A system as it is measured: prompts differ, and so do their continuations. */
function measured(seed: number, prompts: number, gain: number): MeasuredPoint[] {
  return [0, 10, 20, 40].map((beta) => {
    const values = Array.from({ length: prompts }, (_, prompt) => {
      const random = new Random(7, "prompt", prompt);
      const [ease, level] = [random.uniform(), random.normal()];
      const own = new Random(seed, beta, prompt);
      return Array.from({ length: 5 }, () => {
        const control = 0.3 + 0.2 * ease + gain * beta / 40;
        const score = Math.min(1, Math.max(0, control + 0.05 * own.normal()));
        return { score, nats: 3 + 0.2 * level + beta / 40 + 0.1 * own.normal() };
      });
    });
    return {
      beta,
      score: promptMeans(values.map((row) => row.map(({ score }) => score))),
      fluency: promptMeans(values.map((row) => row.map(({ nats }) => nats))),
    };
  });
}

function close(actual: number, expected: number, tolerance = 1e-12): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} and not ${expected}`);
}

Deno.test("perplexities at equal control are those computed by hand, though their ranges do not meet", () => {
  // control 0.5 to 0.7 is reached by both; there the system stands at 1.5 to 2.5 and the teacher at 5 to 6
  const system = points([0, 1, 0.4], [10, 2.5, 0.7]);
  const teacher = points([0, 5, 0.5], [10, 6.5, 0.8], [20, 9, 0.6]);
  const area = controlArea(system, teacher, options);
  assert.ok(Number.isNaN(area.relativeDifference.estimate));
  close(area.perplexityRatio.estimate, Math.exp(-3.5));
});

Deno.test("where less is better, perplexities are compared at equal scores as well", () => {
  const teacher = points([0, 1, 0.5], [10, 2, 0.3]);
  const system = points([0, 1, 0.5], [10, 3, 0.3]);
  const { perplexityRatio } = controlArea(system, teacher, { ...options, better: "lower" });
  close(perplexityRatio.estimate, Math.exp(0.5));
});

Deno.test("a perplexity that is half at every control is so with an interval around it", () => {
  const teacher = measured(1, 40, 0.4);
  const system = teacher.map((point) => ({
    ...point,
    fluency: {
      ...point.fluency,
      sums: Array.from(point.fluency.sums, (sum, i) => sum - Math.log(2) * point.fluency.counts[i]),
    },
  }));
  const { perplexityRatio: { estimate, low, high } } = controlArea(system, teacher, options);
  close(estimate, 0.5, 1e-9);
  close(low, 0.5, 1e-9);
  close(high, 0.5, 1e-9);
});

Deno.test("the areas of two lines are those computed by hand", () => {
  // the system from (1, 0.4) to (3, 0.8), the teacher from (2, 0.5) to (4, 0.9): both known on [2, 3]
  const system = points([0, 1, 0.4], [10, 3, 0.8]);
  const teacher = points([10, 4, 0.9], [0, 2, 0.5]);
  const area = controlArea(system, teacher, options);
  assert.deepEqual(area.range, [2, 3]);
  close(area.system.estimate, 0.7);
  close(area.teacher.estimate, 0.6);
  close(area.difference.estimate, 0.1);
  close(area.between.estimate, 0.1);
  close(area.relativeDifference.estimate, 1 / 6);
  close(area.relativeBetween.estimate, 1 / 6);
  close(area.relativeToGain.estimate, 0.1 / 0.1);
  assert.ok(Number.isNaN(area.difference.low) && Number.isNaN(area.difference.high));
});

Deno.test("perplexities stand at the logarithm of their mean, and less toxicity is more control", () => {
  const point = (beta: number, toxicity: number[], perplexities: number[]) => (
    { beta, score: promptMeans([toxicity]), fluency: promptMeans([perplexities], { limit: 1e5 }) }
  );
  const system = [point(0, [0.4], [5, 15]), point(10, [0.2], [10 * Math.E, 1e6])];
  const area = controlArea(system, system, { better: "lower", seed: 1 });
  close(area.range[0], Math.log(10));
  close(area.range[1], Math.log(10) + 1);
  close(area.teacher.estimate, 0.7);
});

Deno.test("a curve against itself is 0, with an interval of nothing", () => {
  const system = measured(1, 40, 0.4);
  const area = controlArea(system, system, options);
  for (const { estimate, low, high } of [area.difference, area.between, area.relativeToGain]) {
    assert.deepEqual([estimate, low, high], [0, 0, 0]);
  }
  assert.ok(area.teacher.low < area.teacher.estimate && area.teacher.estimate < area.teacher.high);
});

Deno.test("raising a curve by h adds h times the range, and scaling both scales the areas", () => {
  const path = fc.array(
    fc.record({
      x: fc.double({ min: 2, max: 4, noNaN: true }),
      y: fc.double({ min: 0.2, max: 0.5, noNaN: true }),
    }),
    { minLength: 2, maxLength: 6 },
  );
  fc.assert(fc.property(
    path,
    path,
    fc.double({ min: 0, max: 0.5, noNaN: true }),
    fc.double({ min: 0.1, max: 2, noNaN: true }),
    (first, second, raise, scale) => {
      const curve = (path: { x: number; y: number }[], change: (y: number) => number) =>
        path.map(({ x, y }) => ({ logPerplexity: x, control: change(y) }));
      const same = (y: number) => y;
      const before = areasOf(curve(first, same), curve(second, same));
      if (Number.isNaN(before.signed)) return;
      const width = before.range[1] - before.range[0];
      const raised = areasOf(curve(first, (y) => y + raise), curve(second, same));
      close(raised.signed, before.signed + raise * width, 1e-9);
      assert.ok(raised.absolute >= Math.abs(raised.signed) - 1e-9);
      const scaled = areasOf(curve(first, (y) => scale * y), curve(second, (y) => scale * y));
      close(scaled.signed, scale * before.signed, 1e-9);
      close(scaled.absolute, scale * before.absolute, 1e-9);
      close(scaled.teacher, scale * before.teacher, 1e-9);
      const turned = areasOf(curve(second, same), curve(first, same));
      close(turned.signed, -before.signed, 1e-9);
      close(turned.absolute, before.absolute, 1e-9);
    },
  ));
});

Deno.test("the paired interval is narrower than one of prompts drawn for each system by itself", () => {
  const [system, teacher] = [measured(1, 60, 0.42), measured(2, 60, 0.4)];
  const paired = controlArea(system, teacher, { ...options, resamples: 500 }).difference;
  const width = (interval: { low: number; high: number }) => interval.high - interval.low;
  const alone = controlArea(system, teacher, { ...options, resamples: 500 });
  const apart = Math.hypot(width(alone.system), width(alone.teacher));
  assert.ok(width(paired) < apart / 2, `${width(paired)} against ${apart}`);
  assert.ok(paired.low < paired.estimate && paired.estimate < paired.high);
});

Deno.test("95 % intervals hold the true difference in about 95 % of experiments", () => {
  // the true gain at β is g β / 40 over one nat, so D = (g₁ − g₂) / 2 with equal fluency
  let held = 0;
  const experiments = 60;
  for (let i = 0; i < experiments; i++) {
    const { low, high } = controlArea(measured(2 * i, 40, 0.45), measured(2 * i + 1, 40, 0.4), {
      ...options,
      resamples: 200,
    }).difference;
    if (low <= 0.025 && 0.025 <= high) held++;
  }
  assert.ok(held >= 0.85 * experiments, `${held} of ${experiments}`);
});

Deno.test("equal seeds give equal intervals, and the order of points does not matter", () => {
  const [system, teacher] = [measured(1, 20, 0.42), measured(2, 20, 0.4)];
  const area = controlArea(system, teacher, options);
  assert.deepEqual(controlArea([...system].reverse(), teacher, options), area);
  assert.notDeepEqual(
    controlArea(system, teacher, { ...options, seed: 2 }).difference.low,
    area.difference.low,
  );
});

Deno.test("curves without a common range have no areas, and a prompt without scores counts as absent", () => {
  const area = controlArea(points([0, 1, 0], [1, 2, 1]), points([0, 3, 0], [1, 4, 1]), options);
  assert.ok(Number.isNaN(area.difference.estimate) && Number.isNaN(area.range[0]));
  const system = [0, 1].map((beta) => ({
    beta,
    score: promptMeans([[beta / 2], [NaN]]),
    fluency: promptMeans([[1 + beta], [1 + beta]]),
  }));
  close(controlArea(system, system, options).teacher.estimate, 0.25);
});

Deno.test("wrong points and options are errors that say what is wrong", () => {
  const good = points([0, 1, 0], [1, 2, 1]);
  const wrong: [MeasuredPoint[], Partial<ControlAreaOptions>, RegExp][] = [
    [points([0, 1, 0]), {}, /needs at least two strengths, and one has 1/],
    [points([1, 1, 0], [1, 2, 0]), {}, /two points of β = 1/],
    [points([0, 1, 0], [1, 2, 81]), {}, /the score at β = 1 must be from 0 to 1, and is 81/],
    [good, { resamples: 0 }, /'resamples' must be a whole number from 1 up/],
    [good, { level: 1 }, /'level' must be a number above 0 and below 1/],
    [good, { better: "more" as "lower" }, /'better' must be/],
    [measured(1, 2, 0.4), {}, /of the same prompts, and there are 2 and 1/],
  ];
  for (const [system, more, message] of wrong) {
    assert.throws(() => controlArea(system, good, { ...options, ...more }), (error) => {
      assert.ok(error instanceof RangeError);
      assert.match(error.message, message);
      return true;
    });
  }
});

Deno.test("in the paper's table 2, ARM lies below RAD by 1 % of its area where distilled, by 3 % where on labels", async () => {
  const rows = await readPaperTable2();
  const curve = (system: string, k: number) =>
    rows.filter((row) => row.system === system && row.k === k).map((row) => (
      { logPerplexity: Math.log(row.perplexity), control: 1 - row.averageMaximalToxicity }
    ));
  const relative = [20, 40].flatMap((k) =>
    ["arm-distilled", "arm-labels"].map((system) => {
      const { signed, teacher } = areasOf(curve(system, k), curve("rad", k));
      return Number((100 * signed / teacher).toFixed(1));
    })
  );
  assert.deepEqual(relative, [-1.2, -3.1, -0.5, -2.6]);
});
