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

/** The vertical axis of a chart. */
function lossAxis(...args: Parameters<typeof learningCurveChart>) {
  const { layer } = learningCurveChart(...args) as unknown as {
    layer: { encoding: { y: { scale: { type: string; domain: [number, number] } } } }[];
  };
  return layer.findLast(({ encoding }) => encoding.y.scale)!.encoding.y.scale;
}
const curve = (loss: (share: number) => number) =>
  Array.from({ length: 101 }, (_, i) => ({ step: i, loss: loss(i / 100) }));

Deno.test("the axis is logarithmic where the losses after the beginning span more than eightfold", () => {
  assert.equal(lossAxis(curve((x) => 0.5 * 0.01 ** x)).type, "log");
  assert.equal(lossAxis(curve((x) => 7 - 5 * x)).type, "linear");
  assert.equal(lossAxis(curve((x) => 0.5 * 0.01 ** x), { scale: "linear" }).type, "linear");
  assert.equal(lossAxis(curve((x) => 0.5 * 0.01 ** x - 0.1)).type, "linear");
});

Deno.test("a first spike does not flatten the rest: the plot says where the curve begins", async () => {
  const spike = curve((x) => x === 0 ? 40.06 : 0.25 - 0.05 * x);
  const { domain: [low, high] } = lossAxis(spike);
  assert.ok(low < 0.2 && high > 0.25 && high < 0.35, `${low} to ${high}`);
  const texts = textsOf(await renderSvg(learningCurveChart(spike)));
  assert.ok(texts.includes("↑ from 40.1"), `${texts}`);
  const steady = textsOf(await renderSvg(learningCurveChart(curve((x) => 7 - 5 * x))));
  assert.ok(!steady.some((text) => text.startsWith("↑")));
});

Deno.test("the loss of the constant prediction is a line in the range of the axis", async () => {
  const rows = curve((x) => 0.2 - 0.05 * x);
  const { domain: [, high] } = lossAxis(rows, { constantLoss: 0.2486 });
  assert.ok(high > 0.2486);
  const spec = learningCurveChart(rows, { constantLoss: 0.2486 });
  assertValidSpec(spec);
  assert.ok(textsOf(await renderSvg(spec)).includes("always the mean: 0.2486"));
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
    /RangeError: .*'scale' must be one of auto, linear, log, not the text "sqrt"/,
  );
});
