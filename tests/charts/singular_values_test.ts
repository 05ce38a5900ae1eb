import assert from "node:assert/strict";
import { renderSvg } from "../../lib/charts/render.ts";
import { type SingularValueRow, singularValuesChart } from "../../lib/charts/singular_values.ts";
import { assertValidSpec, textsOf } from "./chart_checks.ts";

function spectrum(system: string, count: number, value: (n: number) => number): SingularValueRow[] {
  return Array.from({ length: count }, (_, i) => ({ system, index: i + 1, value: value(i + 1) }));
}

/** A teacher of full rank, and students of width 32, above whose rank is rounding. */
const models = [
  ...spectrum("RAD", 400, (n) => 40 / n),
  ...spectrum("ARM, distilled", 400, (n) => n <= 33 ? 40 / n ** 1.4 : 1e-6 / n),
  ...spectrum("ARM, no regularizer", 400, (n) => n <= 33 ? 90 / n ** 0.6 : 0),
];

/** The parts of the spec that the tests look at. */
interface Spec {
  vconcat: {
    data: { values: SingularValueRow[] };
    layer: { data?: { values: { index: number }[] }; mark: { type: string } }[];
  }[];
}

function panelsOf(...args: Parameters<typeof singularValuesChart>) {
  return (singularValuesChart(...args) as unknown as Spec).vconcat;
}

Deno.test("the chart of singular values is valid Vega-Lite and compiles without a warning", async (t) => {
  const cases: Record<
    string,
    [SingularValueRow[], Parameters<typeof singularValuesChart>[1]?]
  > = {
    "three models": [models, { armWidth: 32 }],
    "one panel": [models, { remainder: false, indexScale: "linear", title: "T", subtitle: "S" }],
    "one value": [[{ system: "one", index: 1, value: 3 }]],
    "rank one": [spectrum("one", 5, (n) => n === 1 ? 1 : 0), { armWidth: 1 }],
    "a legend": [[...spectrum("a", 9, (n) => 1 / n), ...spectrum("b", 9, (n) => 1 / n)]],
    "hostile names": [
      [`<script>alert("1")</script>`, "'\\ \u0000", "__proto__"].flatMap((name, i) =>
        spectrum(name, 20, (n) => n ** -(i + 1))
      ),
    ],
  };
  for (const [name, [rows, options]] of Object.entries(cases)) {
    await t.step(name, async () => {
      const spec = singularValuesChart(rows, options);
      assertValidSpec(spec);
      await renderSvg(spec);
    });
  }
});

Deno.test("the figure names its axes, every model and the limit of an ARM", async () => {
  const svg = await renderSvg(singularValuesChart(models, { armWidth: 32 }));
  const texts = textsOf(svg);
  const expected = [
    ...["Rank of the reward matrix", "Part of the largest (log scale)"],
    ...["Number of the singular value, n (log scale)", "an ARM's limit: d = 32"],
    ...["RAD", "ARM, distilled", "ARM, no regularizer"],
  ];
  for (const text of expected) assert.ok(texts.includes(text), `${text} is not in ${texts}`);
  assert.match(
    texts.join(" "),
    /Squared norm left out.*An ARM of ?width d can hold d of them/,
  );
  assert.doesNotMatch(svg, /role-legend/);
});

Deno.test("the limit of an ARM of width d is a rule at d in both panels", () => {
  const rules = (width?: number) =>
    panelsOf(models, { armWidth: width }).map(({ layer }) =>
      layer.filter(({ mark }) => mark.type === "rule").flatMap(({ data }) => data!.values)
    );
  assert.deepEqual(rules(32), [[{ index: 32 }], [{ index: 32 }]]);
  assert.deepEqual(rules(), [[], []]);
});

Deno.test("values are parts of the model's largest, and those below the floor are not drawn", () => {
  const [{ data: { values } }] = panelsOf(models, { floor: 1e-5 });
  for (const [system, line] of Map.groupBy(values, ({ system }) => system)) {
    assert.deepEqual(line[0], { system, index: 1, value: 1 });
    assert.equal(line.at(-1)!.index, system === "RAD" ? 400 : 33);
  }
});

Deno.test("the lower panel shows the share of the squared norm that the first n leave out", () => {
  const rows = [4, 2, 1, 2].toSorted((a, b) => b - a).map((value, i) => (
    { system: "s", index: i + 1, value }
  ));
  const [, { data: { values } }] = panelsOf(rows.toReversed());
  // 16, 4, 4 and 1 of 25; nothing is left after the last, which a logarithmic axis has no place for.
  assert.deepEqual(values.map(({ index }) => index), [1, 2, 3]);
  for (const [i, share] of [9 / 25, 5 / 25, 1 / 25].entries()) {
    assert.ok(Math.abs(values[i].value - share) < 1e-12);
  }
});

Deno.test("what is below the floor is rounding, and counts for nothing in the lower panel", () => {
  const [, { data: { values } }] = panelsOf(models);
  const last = (name: string) => values.findLast(({ system }) => system === name)!.index;
  assert.deepEqual([last("RAD"), last("ARM, distilled")], [399, 32]);
});

Deno.test("where the first leaves out nothing there is one panel, with the title of its axis", async () => {
  for (const count of [1, 5]) {
    const spec = singularValuesChart(spectrum("s", count, (n) => n === 1 ? 7 : 0));
    assert.equal((spec as unknown as Spec).vconcat.length, 1);
    assert.ok(textsOf(await renderSvg(spec)).some((text) => text.startsWith("Number of the")));
  }
});

Deno.test("rows and options that cannot be drawn are errors that say what is wrong", () => {
  const good = { system: "s", index: 1, value: 2 };
  const cases: [Partial<Record<keyof SingularValueRow, unknown>>[], RegExp][] = [
    [[], /RangeError: .*there is no row/],
    [[{ ...good, system: null }], /TypeError: .*in row 1 'system' is not a string: it is null/],
    [[{ ...good, index: 0 }], /RangeError: .*in row 1 'index' must be a positive integer: it is 0/],
    [[good, { ...good, index: 2, value: -1 }], /RangeError: .*in row 2 'value' .* it is -1/],
    [[{ ...good, value: NaN }], /RangeError: .*in row 1 'value' .* it is NaN/],
    [[good, good], /RangeError: .*in row 2 's' has the index 1 a second time/],
    [[{ ...good, value: 0 }], /RangeError: .*'s' has no largest one above 0/],
    [[{ ...good, index: 2 }], /RangeError: .*'s' has no largest one above 0/],
    [[good, { ...good, index: 2, value: 3 }], /RangeError: .*those of 's' do not fall: .* index 2/],
  ];
  for (const [rows, message] of cases) {
    assert.throws(() => singularValuesChart(rows as unknown as SingularValueRow[]), message);
  }
  const options: [Record<string, unknown>, RegExp][] = [
    [{ armWidth: 0 }, /RangeError: .*'armWidth' must be a whole number from 1 up, not 0/],
    [{ floor: 1 }, /RangeError: .*'floor' must be a number above 0 and below 1, not 1/],
    [
      { indexScale: "sqrt" },
      /RangeError: .*'indexScale' must be one of linear, log, not the text "sqrt"/,
    ],
    [{ points: 2.5 }, /RangeError: .*'points' must be a whole number from 2 up, not 2.5/],
    [{ height: 5 }, /RangeError: .*'height' must be a whole number from 100/],
  ];
  for (const [option, message] of options) {
    assert.throws(() => singularValuesChart([good], option), message);
  }
});
