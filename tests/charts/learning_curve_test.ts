import assert from "node:assert/strict";
import { learningCurveChart } from "../../lib/charts/learning_curve.ts";
import { renderSvg } from "../../lib/charts/render.ts";
import { assertValidSpec, textsOf } from "./chart_checks.ts";

const rows = Array.from({ length: 50 }, (_, i) => [
  { step: 10 * i, loss: 5 * Math.exp(-i / 10) + 1, series: "training" },
  { step: 10 * i, loss: 5 * Math.exp(-i / 12) + 1.2, series: '<b>"held" & out</b>' },
]).flat();

Deno.test("the learning curve is valid Vega-Lite and compiles without a warning", () => {
  assertValidSpec(learningCurveChart(rows));
  assertValidSpec(learningCurveChart(rows, { scale: "log", subtitle: "A subtitle" }));
  assertValidSpec(learningCurveChart([{ step: 0, loss: 0 }]));
});

Deno.test("the figure shows its titles and series", async () => {
  const texts = textsOf(
    await renderSvg(
      learningCurveChart(rows, { title: "T", subtitle: "S", lossTitle: "Loss (nats a token)" }),
    ),
  );
  const expected = ["T", "S", "Training step", "Loss (nats a token)", "training", rows[1].series];
  for (const text of expected) assert.ok(texts.includes(text), `${text} is not in ${texts}`);
});

Deno.test("series of few evaluations have points that tell their numbers, others are lines", async () => {
  const few = [10, 20, 30].map((step) => ({ step, loss: 2, series: "held out" }));
  const many = rows.filter(({ series }) => series === "training");
  const points = async (...args: Parameters<typeof learningCurveChart>) =>
    (await renderSvg(learningCurveChart(...args))).match(/Step: [^"]*/g) ?? [];
  assert.equal((await points([...many, ...few])).length, few.length);
  assert.equal((await points(many)).length, 0);
});

Deno.test("one series needs no legend", async () => {
  const svg = await renderSvg(learningCurveChart(rows.filter(({ series }) => series > "a")));
  assert.doesNotMatch(svg, /role-legend/);
});

Deno.test("rows and options that cannot be drawn are errors that say what is wrong", () => {
  assert.throws(() => learningCurveChart([]), /RangeError: .*there is no row/);
  assert.throws(
    () => learningCurveChart([{ step: 1, loss: 1 }, { step: 2, loss: NaN }]),
    /RangeError: .*in row 2 'loss' is NaN/,
  );
  assert.throws(
    () => learningCurveChart([{ step: 1, loss: 0 }], { scale: "log" }),
    /RangeError: .*in row 1 'loss' is 0: use the linear scale/,
  );
  assert.throws(
    () => learningCurveChart([{ step: 1, loss: 1 }], { scale: "sqrt" as "log" }),
    /RangeError: .*'scale' must be "linear" or "log": it is sqrt/,
  );
});
