import assert from "node:assert/strict";
import { renderSvg } from "../../lib/charts/render.ts";
import { type TradeOffPanel, tradeOffPanels } from "../../lib/charts/trade_off_panels.ts";
import type { TradeOffRow } from "../../lib/charts/trade_off.ts";
import { paperSystems, readPaperTable3 } from "../../lib/data/paper_numbers.ts";
import { assertValidSpec, textsOf } from "./chart_checks.ts";

const table3 = (await readPaperTable3()).filter(({ k }) => k === 20);
/** The paper's figure 3, as it is in table 3. */
const figure3 = (
  [
    ["Negative prompts", "positiveRateNegativePromptsPercent"],
    ["Neutral prompts", "positiveRateNeutralPromptsPercent"],
  ] as const
).map(([title, score]) => ({
  title,
  rows: table3.map((row): TradeOffRow => ({
    system: paperSystems[row.system],
    beta: row.beta,
    score: row[score],
    perplexity: row.perplexity,
  })),
}));
const names = ["ARM, distilled", "ARM, labels only", "RAD"];

function overPublished(panels: typeof figure3): TradeOffPanel[] {
  return panels.map(({ title, rows }) => ({
    title,
    rows: rows.map((row) => ({ ...row, score: 0.97 * row.score })),
    published: rows,
  }));
}

/** The parts of the spec that the tests look at. */
interface Spec {
  vconcat: [{ hconcat: { layer: { encoding: Record<"x" | "y", Axis> }[] }[] }];
}

interface Axis {
  scale: { domain: [number, number] };
}

Deno.test("panels are valid Vega-Lite and compile without a warning", async (t) => {
  const cases: Record<string, TradeOffPanel[]> = {
    "the paper's figure 3": figure3,
    "over published points": overPublished(figure3),
    "one panel": figure3.slice(0, 1),
    "a system that is in one panel only": [
      figure3[0],
      { title: "T", rows: figure3[1].rows.filter(({ system }) => system === "RAD") },
    ],
  };
  for (const [name, panels] of Object.entries(cases)) {
    await t.step(name, () => assertValidSpec(tradeOffPanels(panels)));
  }
});

Deno.test("titles of the axes are said once, those of the panels and their systems in each", async () => {
  const svg = await renderSvg(
    tradeOffPanels(figure3, { scoreTitle: "Positive rate (%)", perplexityTitle: "P" }),
  );
  const texts = textsOf(svg);
  for (const text of ["Positive rate (%)", "P", "Negative prompts", "Neutral prompts"]) {
    assert.equal(texts.filter((other) => other === text).length, 1, text);
  }
  // Names are drawn twice: their outlines and themselves.
  for (const name of names) assert.equal(texts.filter((text) => text === name).length, 4, name);
  assert.doesNotMatch(svg, /role-legend/);
});

Deno.test("panels share the range of perplexity, not that of the score", () => {
  const [{ hconcat }] = (tradeOffPanels(figure3) as unknown as Spec).vconcat;
  const [negative, neutral] = hconcat.map(({ layer }) => layer[0].encoding);
  assert.deepEqual(negative.y.scale.domain, neutral.y.scale.domain);
  assert.ok(negative.x.scale.domain[1] < neutral.x.scale.domain[0]);
});

Deno.test("where a panel has no room for names, one legend names the systems of all", async () => {
  const svg = await renderSvg(tradeOffPanels(overPublished(figure3)));
  assert.equal(svg.match(/role-legend-label/g)?.length, 6);
  for (const name of names) {
    for (const text of [name, `${name}, published`]) {
      assert.equal(textsOf(svg).filter((other) => other === text).length, 1, text);
    }
  }
});

Deno.test("panels that cannot be drawn are errors that name the panel and the row", () => {
  const good = { system: "s", beta: 1, score: 0.5, perplexity: 10 };
  const panel = { title: "T", rows: [good] };
  assert.throws(() => tradeOffPanels([]), /RangeError: .*there is no panel/);
  assert.throws(
    () => tradeOffPanels([panel, { title: "U", rows: [] }]),
    /RangeError: .*in panel 2 there is no row/,
  );
  assert.throws(
    () => tradeOffPanels([panel, { title: "U", rows: [good, { ...good, beta: 2, score: NaN }] }]),
    /RangeError: .*in panel 2, row 2 'score' is NaN/,
  );
  assert.throws(
    () => tradeOffPanels([panel], { width: 5 }),
    /RangeError: tradeOffPanels: 'width' must be a whole number from 100/,
  );
});
