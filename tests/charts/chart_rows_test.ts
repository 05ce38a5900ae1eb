import assert from "node:assert/strict";
import pl from "nodejs-polars";
import type { TopLevelSpec } from "vega-lite";
import { learningCurveChart } from "../../lib/charts/learning_curve.ts";
import { rewardDistributionChart } from "../../lib/charts/reward_distribution.ts";
import { singularValuesChart } from "../../lib/charts/singular_values.ts";
import { timePerTokenChart } from "../../lib/charts/time_per_token.ts";
import { tradeOffChart } from "../../lib/charts/trade_off.ts";
import { tradeOffPanels } from "../../lib/charts/trade_off_panels.ts";
import { assertValidSpec } from "./chart_checks.ts";

const curve = [1, 2, 3].flatMap((step) => [
  { step, loss: 3 / step, series: "training" },
  { step, loss: 4 / step, series: "held out" },
]);
const rewards = ["ARM", "RAD"].flatMap((system, i) =>
  [1, 2, 3].map((rank) => (
    { system, rank, reward: rank / 4 + i, low: rank / 4 + i - 0.1, high: rank / 4 + i + 0.1 }
  ))
);
const singular = ["ARM", "RAD"].flatMap((system) =>
  [1, 2, 3].map((index) => ({ system, index, value: 9 / index }))
);
const times = ["ARM", "RAD"].flatMap((system, i) =>
  [1, 10, 20].map((k) => (
    { system, k, milliseconds: 50 + i * k, low: 49 + i * k, high: 51 + i * k }
  ))
);
const measured = ["ARM", "RAD"].flatMap((system, i) =>
  [0, 10].map((beta) => ({
    ...{ system, beta, score: 0.5 + beta / (30 + i), perplexity: 10 + 5 * beta },
    ...{ scoreLow: 0.4, scoreHigh: 0.9, perplexityLow: 9, perplexityHigh: 70 },
  }))
);
const published = measured.map(({ system, beta, score, perplexity }) => (
  { system, beta, score: score + 0.05, perplexity }
));

/** The chart of rows and that of a frame of them: log axes, bands, hollow and filled points are among them. */
const pairs: Record<string, [TopLevelSpec, TopLevelSpec]> = {
  "learning curve, log scale": [
    learningCurveChart(curve, { scale: "log" }),
    learningCurveChart(pl.DataFrame(curve), { scale: "log" }),
  ],
  "distribution of rewards, with bands": [
    rewardDistributionChart(rewards),
    rewardDistributionChart(pl.DataFrame(rewards)),
  ],
  "singular values, log scales": [
    singularValuesChart(singular, { armWidth: 2 }),
    singularValuesChart(pl.DataFrame(singular), { armWidth: 2 }),
  ],
  "time a token": [timePerTokenChart(times), timePerTokenChart(pl.DataFrame(times))],
  "trade-off, over published points": [
    tradeOffChart(measured, { published }),
    tradeOffChart(pl.DataFrame(measured), { published: pl.DataFrame(published) }),
  ],
  "panels": [
    tradeOffPanels([{ title: "a", rows: measured, published }, { title: "b", rows: measured }]),
    tradeOffPanels([
      { title: "a", rows: pl.DataFrame(measured), published: pl.DataFrame(published) },
      { title: "b", rows: pl.DataFrame(measured) },
    ]),
  ],
};

Deno.test("a Polars frame is drawn as its rows are, by each chart", async (t) => {
  for (const [name, [ofRows, ofFrame]] of Object.entries(pairs)) {
    await t.step(name, () => {
      assertValidSpec(ofFrame);
      assert.deepEqual(ofFrame, ofRows);
    });
  }
});

Deno.test("integers of 64 bits, categories and columns that are of no use are taken", () => {
  const frame = pl.DataFrame({
    system: pl.Series("system", ["a", "a"]).cast(pl.Categorical),
    rank: pl.Series("rank", [1n, 2n], pl.UInt64),
    reward: pl.Series("reward", [1, 2], pl.Int32),
    low: [null, null],
    high: pl.Series("high", [null, 3], pl.Float32),
    more: [true, false],
  });
  assert.deepEqual(
    rewardDistributionChart(frame),
    rewardDistributionChart([
      { system: "a", rank: 1, reward: 1 },
      { system: "a", rank: 2, reward: 2 },
    ]),
  );
});

Deno.test("a frame that cannot be drawn is an error that names the column, or the row", () => {
  const frame = pl.DataFrame(measured);
  assert.throws(() => tradeOffChart(frame.rename({ beta: "strength" })), {
    name: "RangeError",
    message: "Cannot draw the trade-off as the frame has no column 'beta': it has 'system', " +
      "'strength', 'score', 'perplexity', 'scoreLow', 'scoreHigh', 'perplexityLow', " +
      "'perplexityHigh', so rename one",
  });
  assert.throws(() => learningCurveChart(pl.DataFrame({ step: [1], loss: ["2"] })), {
    name: "TypeError",
    message: "Cannot draw the learning curve as the column 'loss' of the frame holds String, " +
      "not numbers: cast it",
  });
  assert.throws(() => timePerTokenChart(pl.DataFrame({ system: [1], k: [1], milliseconds: [1] })), {
    name: "TypeError",
    message: "Cannot draw the time a token as the column 'system' of the frame holds Float64, " +
      "not text: cast it",
  });
  assert.throws(
    () => learningCurveChart(pl.DataFrame({ step: [1, 2], loss: [1, null] })),
    /RangeError: .*in row 2 'loss' is null/,
  );
  assert.throws(() => singularValuesChart(pl.DataFrame()), /the frame has no column 'system'/);
});
