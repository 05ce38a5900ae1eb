import assert from "node:assert/strict";
import { renderSvg } from "../../lib/charts/render.ts";
import { timePerTokenChart, type TimePerTokenRow } from "../../lib/charts/time_per_token.ts";
import { assertValidSpec, textsOf } from "./chart_checks.ts";

const ks = [1, 5, 10, 20, 40, 80];
const line = (system: string, time: (k: number) => number, at = ks): TimePerTokenRow[] =>
  at.map((k) => ({ system, k, milliseconds: time(k), low: 0.98 * time(k), high: 1.02 * time(k) }));

/** The systems as they cost on two cores. */
const measured = [
  ...line("ARM", () => 548, [...ks, 50_257]),
  ...line("RAD", (k) => 540 + 34 * k),
  ...line("RAD, one pass", (k) => 520 + 23 * k),
  ...line("GeDi", () => 603),
  ...line("DExperts", () => 601),
  ...line("FUDGE", (k) => 521 + 23 * k),
];

/** The base model alone, timed beside each k. */
const alone = [...ks, 50_257].map((k) => ({ k, milliseconds: 495, low: 480, high: 510 }));

Deno.test("the chart of time a token is valid Vega-Lite and compiles without a warning", async (t) => {
  const cases: Record<string, [TimePerTokenRow[], Parameters<typeof timePerTokenChart>[1]?]> = {
    "six systems": [measured, { unguided: alone, vocabulary: 50_257, subtitle: "S" }],
    "one point": [[{ system: "one", k: 1, milliseconds: 3 }]],
    "without intervals": [measured.map(({ low: _, high: __, ...row }) => row)],
    "a legend": [
      line("a name that is a good deal longer than the chart is wide, really", (k) => k),
      { unguided: [{ k: 1, milliseconds: 2 }] },
    ],
    "hostile names": [
      [`<script>alert("1")</script>`, "'\\ \u0000", "__proto__"].flatMap((name, i) =>
        line(name, (k) => k + i)
      ),
    ],
  };
  for (const [name, [rows, options]] of Object.entries(cases)) {
    await t.step(name, () => assertValidSpec(timePerTokenChart(rows, options)));
  }
});

Deno.test("the figure names its axes, every system at its line, every k, and all tokens", async () => {
  const svg = await renderSvg(
    timePerTokenChart(measured, { title: "T", unguided: alone, vocabulary: 50_257 }),
  );
  const texts = textsOf(svg);
  const expected = [
    ...["T", "Tokens rated a step, k (log scale)", "Time a token of the batch (ms) (log scale)"],
    ...["ARM", "RAD", "RAD, one pass", "GeDi", "DExperts", "FUDGE", "unguided"],
    ...["1", "5", "10", "20", "40", "80", "all 50,257"],
  ];
  for (const text of expected) assert.ok(texts.includes(text), `${text} is not in ${texts}`);
  assert.doesNotMatch(svg, /role-legend/);
});

Deno.test("where a name has no place, one legend names all systems", async () => {
  const long = "a name that is a good deal longer than the chart is wide, really";
  const svg = await renderSvg(
    timePerTokenChart([...line("ARM", () => 5), ...line(long, (k) => k)], {
      unguided: alone.slice(0, 2),
    }),
  );
  assert.equal(svg.match(/role-legend-label/g)?.length, 3);
  assert.equal(textsOf(svg).filter((text) => text === "ARM").length, 1);
  assert.ok(textsOf(svg).includes("unguided"));
});

Deno.test("the time axis is logarithmic where times span more than threefold", async () => {
  const texts = async (most: number) =>
    textsOf(
      await renderSvg(timePerTokenChart([
        { system: "s", k: 1, milliseconds: 10 },
        { system: "s", k: 2, milliseconds: most },
      ])),
    );
  assert.ok((await texts(29)).includes("Time a token of the batch (ms)"));
  assert.ok((await texts(31)).includes("Time a token of the batch (ms) (log scale)"));
});

Deno.test("rows and options that cannot be drawn are errors that say what is wrong", () => {
  const good = { system: "s", k: 1, milliseconds: 2 };
  const cases: [Partial<TimePerTokenRow>[], RegExp][] = [
    [[], /RangeError: .*there is no row/],
    [[{ ...good, k: 0 }], /RangeError: .*in row 1 'k' is 0/],
    [[good, { ...good, k: 2, milliseconds: NaN }], /RangeError: .*in row 2 'milliseconds' is NaN/],
    [[{ ...good, low: 3, high: 2 }], /RangeError: .*'low' and 'high' must be positive and rise/],
    [[good, good], /RangeError: .*in row 2 's' has k = 1 a second time/],
  ];
  for (const [rows, message] of cases) {
    assert.throws(() => timePerTokenChart(rows as TimePerTokenRow[]), message);
  }
  assert.throws(
    () => timePerTokenChart([good], { unguided: [{ k: 1, milliseconds: 0 }] }),
    /RangeError: .*in 'unguided', row 1 'milliseconds' is 0/,
  );
  assert.throws(
    () => timePerTokenChart([good], { width: 10 }),
    /RangeError: timePerTokenChart: 'width' must be a whole number from 100 to 10000, not 10\./,
  );
});
