import assert from "node:assert/strict";
import { renderSvg } from "../../lib/charts/render.ts";
import {
  rewardDistributionChart,
  type RewardDistributionRow,
} from "../../lib/charts/reward_distribution.ts";
import { assertValidSpec, textsOf } from "./chart_checks.ts";

const TOKENS = 2000;

/** Rewards that are about `level` for most tokens, and far from it for few. */
function sorted(system: string, level: number, tail: number): RewardDistributionRow[] {
  return Array.from({ length: TOKENS }, (_, i) => {
    const share = 2 * (i + 0.5) / TOKENS - 1;
    return { system, rank: i + 1, reward: level + tail * Math.atanh(share) };
  });
}

function withBands(rows: RewardDistributionRow[]): RewardDistributionRow[] {
  return rows.map((row) => ({ ...row, low: row.reward - 0.02, high: row.reward + 0.02 }));
}

const models = [
  ...sorted("ARM", 0.1, 0.03),
  ...sorted("RAD", 0.3, 0.08),
  ...sorted("no regularizer", 0.55, 0.1),
];

/** The parts of the spec that the tests look at. */
interface Spec {
  data: { values: { system: string; place: number; reward: number }[] };
}

function valuesOf(...args: Parameters<typeof rewardDistributionChart>) {
  return (rewardDistributionChart(...args) as unknown as Spec).data.values;
}

Deno.test("the distribution of rewards is valid Vega-Lite and compiles without a warning", async (t) => {
  const cases: Record<
    string,
    [RewardDistributionRow[], Parameters<typeof rewardDistributionChart>[1]?]
  > = {
    "three models": [models],
    "bands, tokens": [withBands(models), { ranks: "tokens", subtitle: "S" }],
    "some bands": [withBands(models).map((row, i) => i % 2 ? row : { ...row, low: null })],
    "one token": [[{ system: "one", rank: 1, reward: 0 }]],
    "the same line twice, in a legend": [[...sorted("a", 0, 1), ...sorted("b", 0, 1)]],
    "hostile names": [
      [`<script>alert("1")</script>`, "'\\ \u0000", "__proto__"].flatMap((name, i) =>
        sorted(name, i, 0.1)
      ),
    ],
  };
  for (const [name, [rows, options]] of Object.entries(cases)) {
    await t.step(name, () => assertValidSpec(rewardDistributionChart(rows, options)));
  }
});

Deno.test("the figure names its axes and every model at its line", async () => {
  const svg = await renderSvg(
    rewardDistributionChart(withBands(models), { title: "T", rewardTitle: "Toxicity reward" }),
  );
  const texts = textsOf(svg);
  const expected = [
    ...["T", "Toxicity reward", "Tokens, sorted by their reward (% of the vocabulary)"],
    ...["ARM", "RAD", "no regularizer"],
  ];
  for (const text of expected) assert.ok(texts.includes(text), `${text} is not in ${texts}`);
  assert.match(texts.join(" "), /Bands are 95 % ?intervals over ?prompts/);
  assert.doesNotMatch(svg, /role-legend/);
});

Deno.test("models on one line are named in a legend", async () => {
  const svg = await renderSvg(
    rewardDistributionChart([...sorted("a", 0, 1), ...sorted("b", 0, 1)]),
  );
  assert.equal(svg.match(/role-legend-label/g)?.length, 2);
  assert.doesNotMatch(svg, /Bands/);
});

Deno.test("lines are thinned to a few hundred points with exact ends", () => {
  const values = valuesOf(models, { ranks: "tokens" });
  for (const [system, line] of Map.groupBy(values, ({ system }) => system)) {
    const own = models.filter((row) => row.system === system);
    assert.ok(line.length > 150 && line.length <= 300, `${line.length} points`);
    assert.deepEqual(line[0], { system, place: 1, reward: own[0].reward });
    assert.deepEqual(line.at(-1), { system, place: TOKENS, reward: own.at(-1)!.reward });
  }
});

Deno.test("ranks in percent go from 0 to 100 for vocabularies of all sizes, whatever the order of rows", () => {
  const small = models.slice(0, 100).map((row) => ({ ...row, system: "small" }));
  const values = valuesOf([...models, ...small].toReversed());
  for (const line of Map.groupBy(values, ({ system }) => system).values()) {
    assert.deepEqual([line[0].place, line.at(-1)!.place], [0, 100]);
    assert.ok(line[0].reward < line.at(-1)!.reward);
  }
});

Deno.test("rows and options that cannot be drawn are errors that say what is wrong", () => {
  const good = { system: "s", rank: 1, reward: 2 };
  const cases: [Partial<Record<keyof RewardDistributionRow, unknown>>[], RegExp][] = [
    [[], /RangeError: .*there is no row/],
    [[{ ...good, system: 3 }], /TypeError: .*in row 1 'system' is not a string: it is 3/],
    [[{ ...good, reward: NaN }], /RangeError: .*in row 1 'reward' is NaN/],
    [[good, { ...good, rank: null }], /RangeError: .*in row 2 'rank' is null/],
    [[good, good], /RangeError: .*in row 2 's' has the rank 1 a second time/],
    [[{ ...good, low: 3, high: 2 }], /RangeError: .*'low' is above 'high': 3 > 2/],
  ];
  for (const [rows, message] of cases) {
    assert.throws(
      () => rewardDistributionChart(rows as unknown as RewardDistributionRow[]),
      message,
    );
  }
  const options: [Record<string, unknown>, RegExp][] = [
    [
      { ranks: "share" },
      /RangeError: .*'ranks' must be one of percent, tokens, not the text "share"/,
    ],
    [{ points: 1 }, /RangeError: .*'points' must be a whole number from 2 up, not 1/],
    [{ width: 10 }, /RangeError: .*'width' must be a whole number from 100/],
  ];
  for (const [option, message] of options) {
    assert.throws(() => rewardDistributionChart([good], option), message);
  }
});
