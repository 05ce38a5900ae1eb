import assert from "node:assert/strict";
import { chart, chartLook } from "../../lib/charts/chart_display.ts";
import { learningCurveChart } from "../../lib/charts/learning_curve.ts";
import { rewardDistributionChart } from "../../lib/charts/reward_distribution.ts";
import { singularValuesChart } from "../../lib/charts/singular_values.ts";
import { timePerTokenChart } from "../../lib/charts/time_per_token.ts";
import { tradeOffChart } from "../../lib/charts/trade_off.ts";
import { tradeOffPanels } from "../../lib/charts/trade_off_panels.ts";
import { lookOf } from "../../lib/notebook/display.ts";
import { withFont } from "./chart_checks.ts";

const point = { system: "s", beta: 1, score: 0.5, perplexity: 9 };
const charts = {
  learningCurveChart: learningCurveChart([{ step: 1, loss: 2 }]),
  rewardDistributionChart: rewardDistributionChart([{ system: "s", rank: 1, reward: 0.5 }]),
  singularValuesChart: singularValuesChart([{ system: "s", index: 1, value: 2 }]),
  timePerTokenChart: timePerTokenChart([{ system: "s", k: 1, milliseconds: 2 }]),
  tradeOffChart: tradeOffChart([point]),
  tradeOffPanels: tradeOffPanels([{ title: "t", rows: [point] }]),
};

Deno.test({
  ...withFont("a chart of each kind shows as spec, PNG and description in one output"),
  async fn() {
    for (const [name, spec] of Object.entries(charts)) {
      const look = await lookOf(spec);
      assert.ok(look, `${name} does not display itself`);
      assert.deepEqual(Object.keys(look), [
        "application/vnd.vegalite.v5+json",
        "image/png",
        "text/plain",
      ]);
      // a page is light or dark, and the spec does not know which
      const shown = look["application/vnd.vegalite.v5+json"] as typeof spec;
      assert.equal(shown.config?.background, "transparent");
      assert.equal(spec.config?.background, "white");
      const signature = Uint8Array.fromBase64(look["image/png"] as string).subarray(1, 4);
      assert.equal(new TextDecoder().decode(signature), "PNG");
      assert.equal(look["text/plain"], spec.description);
    }
  },
});

Deno.test("without a font the image of a chart is an SVG", async () => {
  const look = await chartLook(charts.tradeOffChart, { systemFonts: false });
  assert.equal(look["image/png"], undefined);
  assert.match(look["image/svg+xml"] as string, /^<svg/);
});

Deno.test("control characters in the description of a chart are text", async () => {
  const look = await chartLook({ ...charts.tradeOffChart, description: "\u001b[31mred" });
  assert.equal(look["text/plain"], "␛[31mred");
});

Deno.test("that a chart displays itself is not seen in its spec", () => {
  const spec = charts.learningCurveChart;
  const plain = JSON.parse(JSON.stringify(spec));
  assert.deepEqual(Reflect.ownKeys({ ...spec }), Object.keys(plain));
  assert.deepEqual(chart("light", () => plain), JSON.parse(JSON.stringify(spec)));
});

Deno.test("a chart that was drawn for a theme is shown in it", async () => {
  const spec = learningCurveChart([{ step: 1, loss: 2 }], { theme: "dark" });
  const look = await lookOf(spec);
  assert.deepEqual(look?.["application/vnd.vegalite.v5+json"], spec);
  assert.equal(spec.config?.background, "#111111");
});
