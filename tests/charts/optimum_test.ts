import assert from "node:assert/strict";
import { optimumChart, type OptimumRow } from "../../lib/charts/optimum.ts";
import { renderSvg } from "../../lib/charts/render.ts";
import { assertValidSpec, textsOf, tooltipsOf } from "./chart_checks.ts";

const frontier = [0, 1, 2, 4, 8].map((beta) => ({
  beta,
  reward: 1 - 0.5 / (1 + beta),
  divergence: beta / 4,
}));
const rows: OptimumRow[] = ["ARM", "RAD", "best of n"].flatMap((system, i) =>
  [1, 2].map((beta) => ({
    system,
    beta,
    reward: 0.5 + 0.1 * beta,
    rewardLow: 0.48 + 0.1 * beta,
    rewardHigh: 0.52 + 0.1 * beta,
    divergence: beta + i,
    divergenceLow: beta + i - 0.1,
    divergenceHigh: beta + i + 0.1,
    gap: 0.25,
  }))
);

Deno.test("the chart of the optimum is valid Vega-Lite and compiles without a warning", async (t) => {
  const cases: Record<string, OptimumRow[]> = {
    "three systems": rows,
    "no system": [],
    "a point without interval and strength": [{ system: "DAPT", reward: 0.7, divergence: 2 }],
    "systems of two groups": rows.map((row, i) => ({ ...row, group: i < 2 ? "trained" : "drawn" })),
    "thirty systems": Array.from({ length: 30 }, (_, i) => ({ ...rows[0], system: `system ${i}` })),
  };
  for (const [name, some] of Object.entries(cases)) {
    await t.step(name, () => assertValidSpec(optimumChart(some, { frontier })));
  }
});

Deno.test("it names its axes, every system and the optimum, and a point tells how far it is from it", async () => {
  const spec = optimumChart(rows, { frontier, title: "T", rewardTitle: "P(positive)" });
  const texts = textsOf(await renderSvg(spec));
  for (const text of ["T", "P(positive)", "the optimum", "ARM", "RAD", "best of n"]) {
    assert.ok(texts.includes(text), `${text} is not in ${texts}`);
  }
  assert.deepEqual((await tooltipsOf(spec))[0], {
    System: "ARM",
    "β": 1,
    "P(positive)": "0.6 [0.58, 0.62]",
    "Nats from the base": "1 [0.9, 1.1]",
    "Nats from the optimum": "0.25",
  });
});

Deno.test("systems of several groups have a panel each, with their own names and the others in grey", async () => {
  const grouped = rows.map((row, i) => ({ ...row, group: i < 4 ? "trained" : "drawn" }));
  const spec = optimumChart(grouped, { frontier });
  const texts = textsOf(await renderSvg(spec));
  for (const group of ["trained", "drawn"]) assert.ok(texts.includes(group), `${texts}`);
  const count = (text: string) => texts.filter((each) => each === text).length;
  assert.deepEqual(["ARM", "RAD", "best of n", "the optimum"].map(count), [1, 1, 1, 2]);
});

Deno.test("numbers that cannot be drawn are one sentence", () => {
  assert.throws(() => optimumChart(rows, { frontier: [] }), /its frontier has no point/);
  const far = [{ system: "DAPT", reward: 0.7, divergence: Infinity }];
  assert.throws(
    () => optimumChart(far, { frontier }),
    /row 1 has the reward 0.7 and Infinity nats/,
  );
});
