import assert from "node:assert/strict";
import fc from "fast-check";
import { renderPng, renderSvg } from "../../lib/charts/render.ts";
import { tradeOffChart, type TradeOffRow } from "../../lib/charts/trade_off.ts";
import { assertValidSpec, textsOf, tooltipsOf, withFont } from "./chart_checks.ts";

/** Four systems at four strengths, as a sweep gives them. */
function sweep(names = ["ARM", "RAD", "GeDi", "DExperts"]): TradeOffRow[] {
  const ends = [[0.97, 16], [0.95, 14], [0.93, 30], [0.85, 24]];
  return names.flatMap((system, i) =>
    [0, 10, 30, 50].map((beta, k) => {
      const [score, perplexity] = ends[i % ends.length];
      const share = [0, 0.4, 0.8, 1][k];
      return {
        system,
        beta,
        score: 0.5 + share * (score - 0.5),
        perplexity: 8 + share ** 2 * (perplexity - 8),
      };
    })
  );
}

function withIntervals(rows: TradeOffRow[]): TradeOffRow[] {
  return rows.map((row) => ({
    ...row,
    scoreLow: row.score - 0.02,
    scoreHigh: row.score + 0.02,
    perplexityLow: row.perplexity * 0.9,
    perplexityHigh: row.perplexity * 1.1,
  }));
}

const hostile = [
  '<script>alert("1")</script>',
  `"quoted" & 'single' \\ </text></svg>`,
  "datum.beta + signal('width')",
  "nul \u0000 \ufffe and half a pair \ud83d",
];

Deno.test("the trade-off chart is valid Vega-Lite and compiles without a warning", async (t) => {
  const cases: Record<string, TradeOffRow[]> = {
    "four systems": sweep(),
    "with intervals": withIntervals(sweep()),
    "missing intervals": withIntervals(sweep()).map((row, i) =>
      i % 2 ? row : { ...row, scoreLow: null, perplexityHigh: NaN }
    ),
    "one point": [{ system: "one", beta: 0, score: 0.5, perplexity: 10 }],
    "nine systems with a legend": sweep(Array.from({ length: 9 }, (_, i) => `a system, no. ${i}`)),
    "hostile names": sweep(hostile),
    "names of objects' properties": sweep(["__proto__", "constructor", "", "toString"]),
  };
  for (const [name, rows] of Object.entries(cases)) {
    await t.step(name, () => assertValidSpec(tradeOffChart(rows)));
  }
});

Deno.test("the figure shows titles, axis titles, every system and every β", async () => {
  const svg = await renderSvg(
    tradeOffChart(withIntervals(sweep()), {
      title: "Title",
      subtitle: "Subtitle",
      scoreTitle: "Positive rate (share)",
      perplexityTitle: "Perplexity under X",
    }),
  );
  const texts = textsOf(svg);
  for (
    const text of ["Title", "Subtitle", "Positive rate (share)", "Perplexity under X (log scale)"]
  ) {
    assert.ok(texts.includes(text), `${text} is not in ${texts}`);
  }
  for (const name of ["ARM", "RAD", "GeDi", "DExperts"]) assert.ok(texts.includes(name));
  for (const beta of ["10", "30", "50"]) {
    assert.ok(texts.filter((text) => text === beta).length >= 4, `β = ${beta}`);
  }
  assert.match(svg, /font-family="sans-serif"/);
  assert.match(svg, /<rect[^>]*fill="white"/);
});

Deno.test("systems are named at the lines where all names fit, otherwise in one legend", async () => {
  const direct = await renderSvg(tradeOffChart(sweep()));
  assert.doesNotMatch(direct, /role-legend/);
  const names = ["ARM", "RAD", "a name that is a good deal longer than the chart is wide, really"];
  const legend = await renderSvg(tradeOffChart(sweep(names)));
  assert.equal(legend.match(/role-legend-label/g)?.length, names.length);
  for (const name of ["ARM", "RAD"]) {
    assert.equal(textsOf(legend).filter((text) => text === name).length, 1);
  }
});

/** What was published of two systems that are measured too, and of one that is not. */
const published = [
  ...sweep(["ARM", "RAD"]).map((row) => ({ ...row, perplexity: 1.05 * row.perplexity })),
  ...sweep(["FUDGE"]).map((row) => ({ ...row, beta: row.beta! + 3, score: 0.9 * row.score })),
];

Deno.test("a chart over published points is valid Vega-Lite and compiles without a warning", () => {
  assertValidSpec(tradeOffChart(sweep(), { published }));
  assertValidSpec(tradeOffChart(withIntervals(sweep()), { published: withIntervals(published) }));
  assertValidSpec(tradeOffChart([], { published }));
  assertValidSpec(
    tradeOffChart([{ system: "a", beta: 1, score: 0.2, perplexity: 9 }], {
      published: [{ system: "b", beta: 1, score: 0.9, perplexity: 40 }],
    }),
  );
});

Deno.test("published points are hollow, with thin dashed lines, and named as published", async () => {
  const svg = await renderSvg(
    tradeOffChart(sweep(["ARM"]), {
      published: sweep(["ARM"]).map((row) => ({ ...row, score: row.score - 0.2 })),
    }),
  );
  const texts = textsOf(svg);
  for (const name of ["ARM", "ARM, published"]) assert.ok(texts.includes(name), name);
  const points = svg.match(/<path [^>]*aria-roledescription="point"[^>]*>/g)!;
  const fillOf = (point: string) => point.match(/fill="([^"]*)"/)![1];
  const strokes = new Set(points.map((point) => point.match(/stroke="([^"]*)"/)![1]));
  assert.equal(strokes.size, 1, "measured and published points of a system are of one colour");
  for (const point of points) {
    assert.equal(fillOf(point), point.includes("published") ? "white" : [...strokes][0]);
  }
  assert.match(svg, /stroke-width="1.25" stroke-dasharray="4,3"/);
});

Deno.test("published points are labelled as measured ones are, where there is room", async () => {
  const far = published.map((row) => ({ ...row, score: row.score - 0.4 }));
  const texts = textsOf(
    await renderSvg(tradeOffChart(sweep(["ARM", "RAD"]), { published: far, width: 700 })),
  );
  // Labels are drawn twice: their outlines and themselves.
  assert.equal(texts.filter((text) => text === "50").length, 8);
  assert.equal(texts.filter((text) => text === "53").length, 2);
});

Deno.test("where points crowd, some of a line have labels, and not those beside a labelled one", async () => {
  const crowd = Array.from({ length: 25 }, (_, i) => (
    { system: "s", beta: 100 + i, score: 0.5 + 0.001 * i, perplexity: 10 }
  ));
  const labels = textsOf(await renderSvg(tradeOffChart(crowd))).filter((text) =>
    /^1\d\d$/.test(text)
  );
  const betas = [...new Set(labels.map(Number))].toSorted((a, b) => a - b);
  assert.ok(betas.includes(100) && betas.includes(124), `${betas}`);
  assert.ok(betas.length > 4 && betas.length < 14, `${betas}`);
});

Deno.test("a system without β is one point, and a second such row of it is an error", async () => {
  const row = { system: "DAPT", score: 0.43, perplexity: 31 };
  const svg = await renderSvg(tradeOffChart([], { published: [row, { ...row, system: "GeDi" }] }));
  assert.ok(textsOf(svg).includes("DAPT, published"));
  assert.match(svg, /β: –/);
  assert.throws(
    () => tradeOffChart([row, row]),
    /RangeError: .*in row 2 'DAPT' has a row without β a second time/,
  );
});

Deno.test("points tell their intervals", async () => {
  const [row] = withIntervals(sweep(["s"]));
  assert.deepEqual(await tooltipsOf(tradeOffChart([row], { scoreTitle: "Score" })), [
    { System: "s", "β": 0, Score: "0.5 [0.48, 0.52]", Perplexity: "8 [7.2, 8.8]" },
  ]);
});

Deno.test("a dark chart has light text on a dark ground, a transparent one no ground", async () => {
  const dark = await renderSvg(tradeOffChart(sweep(), { theme: "dark" }));
  assert.match(dark, /<rect[^>]*fill="#111111"/);
  assert.doesNotMatch(dark, /fill="white"|fill="#222222"/);
  const transparent = await renderSvg(tradeOffChart(sweep(), { theme: "transparent" }));
  assert.doesNotMatch(transparent, /<rect|"white"|"#222222"/);
});

Deno.test("the axes hold the published points as well", () => {
  const spec = tradeOffChart(sweep(), {
    published: [{ system: "far", beta: 1, score: 0.05, perplexity: 300 }],
  }) as unknown as { layer: { encoding: { x: Axis; y: Axis } }[] };
  const { x, y } = spec.layer[0].encoding;
  assert.ok(x.scale.domain[0] < 0.05 && y.scale.domain[1] > 300);
});

Deno.test("published rows that cannot be drawn are errors that name them", () => {
  const good = { system: "s", beta: 1, score: 0.5, perplexity: 10 };
  assert.throws(
    () => tradeOffChart([good], { published: [good, { ...good, beta: 2, perplexity: 0 }] }),
    /RangeError: .*in published row 2 a perplexity is not positive/,
  );
  assert.throws(
    () => tradeOffChart([good, { ...good, system: "s, published" }], { published: [good] }),
    /RangeError: .*a measured system is called 's, published'/,
  );
  assert.throws(() => tradeOffChart([], { published: [] }), /RangeError: .*there is no row/);
});

Deno.test("points are connected in order of β whatever the order of the rows", async () => {
  const line = (svg: string) => svg.match(/mark-line.*?<path [^>]*d="([^"]*)"/s)![1];
  const rows = sweep(["only"]);
  assert.equal(
    line(await renderSvg(tradeOffChart(rows))),
    line(await renderSvg(tradeOffChart(rows.toReversed()))),
  );
});

Deno.test("the perplexity axis is logarithmic where the values span more than threefold", async () => {
  const at = (...perplexities: number[]) =>
    renderSvg(tradeOffChart(
      perplexities.map((perplexity, i) => ({ system: "s", beta: i, score: i / 10, perplexity })),
    ));
  assert.ok(textsOf(await at(10, 29)).includes("Perplexity"));
  assert.ok(textsOf(await at(10, 31)).includes("Perplexity (log scale)"));
});

Deno.test("systems that start from the same point share the label of its β", async () => {
  const texts = textsOf(await renderSvg(tradeOffChart(sweep())));
  // A label is drawn twice: its outline and itself.
  assert.equal(texts.filter((text) => text === "0").length, 2);
});

Deno.test("hostile names are text and nothing else", async () => {
  for (const length of [1, 4]) {
    const svg = await renderSvg(tradeOffChart(sweep(hostile.slice(0, length))));
    assert.doesNotMatch(svg, /<script|<\/svg>(?!$)/);
    assert.ok(textsOf(svg).includes('<script>alert("1")</script>'));
  }
});

Deno.test({
  ...withFont("a figure with hostile names is well-formed XML"),
  async fn() {
    assert.ok(await renderPng(tradeOffChart(sweep(hostile))));
  },
});

Deno.test("labels are inside the plot and cover neither points nor each other", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          system: fc.constantFrom("ARM", "RAD", "GeDi (large)", "DExperts"),
          beta: fc.constantFrom(0, 2.5, 10, 50, 100),
          score: fc.double({ min: 0, max: 1, noNaN: true }),
          perplexity: fc.double({ min: 1, max: 1000, noNaN: true }),
        }),
        { minLength: 1, maxLength: 20 },
      ),
      (drawn) => {
        const rows = [...new Map(drawn.map((row) => [`${row.system} ${row.beta}`, row])).values()];
        const spec = tradeOffChart(rows) as unknown as {
          width: number;
          height: number;
          layer: {
            data?: { values: { score: number; perplexity: number; text: string }[] };
            mark: { type: string; color?: string };
            encoding: { x: Axis; y: Axis };
          }[];
        };
        const [{ encoding }] = spec.layer;
        const place = ({ score, perplexity }: { score: number; perplexity: number }) => ({
          x: spec.width * share(score, encoding.x),
          y: spec.height * (1 - share(perplexity, encoding.y)),
        });
        const labels = spec.layer.filter(({ mark }) => mark.color === "white")
          .flatMap(({ data }) => data!.values)
          .map((label) => ({ ...place(label), half: label.text.length * 2.5 }));
        for (const [i, label] of labels.entries()) {
          assert.ok(label.x - label.half >= 0 && label.x + label.half <= spec.width);
          assert.ok(label.y >= 5 && label.y <= spec.height - 5);
          for (const point of rows.map(place)) {
            assert.ok(
              Math.abs(label.x - point.x) >= label.half || Math.abs(label.y - point.y) >= 8,
            );
          }
          for (const other of labels.slice(0, i)) {
            const apart = Math.abs(label.x - other.x) >= label.half + other.half ||
              Math.abs(label.y - other.y) >= 9.9;
            assert.ok(apart);
          }
        }
      },
    ),
    { numRuns: 200 },
  );
});

interface Axis {
  scale: { type: string; domain: [number, number] };
}

function share(value: number, { scale }: Axis): number {
  const on = scale.type === "log" ? Math.log : (x: number) => x;
  const [low, high] = scale.domain.map(on);
  return (on(value) - low) / (high - low);
}

Deno.test("rows that cannot be drawn are errors that name the row and the column", () => {
  const good = { system: "s", beta: 1, score: 0.5, perplexity: 10 };
  const cases: [Partial<Record<keyof TradeOffRow, unknown>>[], RegExp][] = [
    [[], /RangeError: .*there is no row/],
    [[good, { ...good, beta: 2, score: null }], /RangeError: .*in row 2 'score' is null/],
    [[{ ...good, perplexity: NaN }], /RangeError: .*in row 1 'perplexity' is NaN/],
    [[{ ...good, perplexity: 0 }], /RangeError: .*in row 1 a perplexity is not positive/],
    [[{ ...good, beta: "1" }], /RangeError: .*in row 1 'beta' is 1/],
    [[{ ...good, system: 3 }], /TypeError: .*in row 1 'system' is not a string: it is 3/],
    [[good, good], /RangeError: .*in row 2 's' has β = 1 a second time/],
    [
      [{ ...good, scoreLow: 0.6, scoreHigh: 0.4 }],
      /RangeError: .*'scoreLow' is above 'scoreHigh': 0.6 > 0.4/,
    ],
  ];
  for (const [rows, message] of cases) {
    assert.throws(() => tradeOffChart(rows as unknown as TradeOffRow[]), message);
  }
  assert.throws(
    () => tradeOffChart([good], { width: 10 }),
    /RangeError: tradeOffChart: 'width' must be a whole number from 100/,
  );
});
