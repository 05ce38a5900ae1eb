import { fileURLToPath } from "node:url";
import { intervalText } from "../lib/eval/interval_text.ts";
import { claimWords } from "../lib/experiments/orders.ts";
import { listedMethods } from "../lib/methods/listed_methods.ts";
import { type OptimumPoint, optimumRows, orderRows } from "./optimum_rows.ts";

const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;

const tableOf = (header: readonly string[], rows: readonly (readonly string[])[]) =>
  [header, header.map(() => "---"), ...rows].map(line).join("\n");

/** The control that methods are compared at; the base model alone has about 0.5. */
const comparedAt = 0.8;

/** What was measured of a method's first system: at the strength whose control is nearest to that of the comparison. */
function measuredOf(kind: string, points: readonly OptimumPoint[]): [nats: string, time: string] {
  const first = points.find(({ method, gap }) => method === kind && gap !== undefined);
  if (!first) return ["–", "–"];
  const own = points.filter(({ system, gap }) => system === first.system && gap !== undefined);
  const off = ({ reward }: OptimumPoint) => Math.abs(reward.estimate - comparedAt);
  const { gap, reward, milliseconds } = own.reduce((a, b) => off(b) < off(a) ? b : a);
  return [
    `${intervalText(gap!, 2)} at ${reward.estimate.toFixed(2)}`,
    milliseconds.toPrecision(2),
  ];
}

/** Methods, what they learn from and cost, and how far they are from the optimum: the README's table. */
export async function methodsTable(): Promise<string> {
  const points = await optimumRows();
  return tableOf(
    ["method", "learns from", "calls a step", "nats from the optimum, at control", "ms a token"],
    listedMethods().map(({ kind, name, learnsFrom, callsAStep }) => [
      `[${name}](docs/methods/${kind}.md)`,
      learnsFrom,
      callsAStep,
      ...measuredOf(kind, points),
    ]),
  );
}

/** The first page of docs/methods, as Markdown. */
export async function methodsPage(): Promise<string> {
  const points = await optimumRows();
  const table = tableOf(
    [
      "method",
      "next token, or text",
      "learns from",
      "calls a step",
      "nats from the optimum",
      "source",
    ],
    listedMethods().map(({ kind, name, formula, learnsFrom, callsAStep, source }) => [
      `[${name}](${kind}.md)`,
      formula,
      learnsFrom,
      callsAStep,
      measuredOf(kind, points)[0],
      source,
    ]),
  );
  return `# Methods

<!-- Written by \`deno run -A docs/methods_page.ts\` from the lists in lib/methods/mod.ts and lib/methods/ways/mod.ts. -->

What steers, a page each: its formula, what it learns from, what a step costs, when to choose it.
Most are reward models and go through one interface: given prefixes and candidates a model gives scores, and a rule
says what the scores add to the base model's logits $z$. \`deno task methods\` prints this list.

${table}

Calls a step are tokens of one text that go through backbones beside the base model's for one new token.
Reward models that rate texts also steer base models [of another tokenizer](../another-tokenizer.md), at more
calls a step; DExperts, PPLM and GenARM, which compare next tokens, do not. [Nats from the optimum](../optimum.md) are those of one strength, whose control stands behind them.

## The charts

Every chart shows a method beside an ARM: control (how probable it is that a text is positive)
against fluency (perplexity), or against [nats from the base](../optimum.md) with the optimum, one point a strength $\\beta$, with 95 % intervals over prompts. They
are measured in the _small world_, a probabilistic grammar that knows both exactly; all models are
of width 128 with 2 layers, trained on its 20,000 texts with exact labels: 100 prompts, 10
continuations each, $k = 20$. With models this small the intervals of most points overlap: the
charts show how a method behaves as $\\beta$ grows, and are no ranking. The README has the
comparisons on real text.

[charts.ts](charts.ts) and [writers.ts](writers.ts) train, steer, and write the charts and their numbers,
[points.csv](points.csv): \`deno run -A docs/methods/charts.ts\`.
`;
}

/** What papers claim of two methods, and what was found: the table of docs/optimum.md. */
export async function ordersTable(): Promise<string> {
  const found = { ahead: "ahead", "on par": "not told apart", behind: "behind" };
  return tableOf(
    ["paper", "claim", "where", "found", "reward at as many nats", "up to nats"],
    (await orderRows()).map((row) => [
      row.paper,
      `${row.system} is ${claimWords[row.claimed]} ${row.reference}`,
      row.source,
      row.claimed === row.found ? found[row.found] : `**${found[row.found]}**`,
      intervalText(row.difference, 3),
      row.nats.toFixed(1),
    ]),
  );
}

/** A page with another table between the marks of this name. */
export function withTable(page: string, name: "methods" | "orders", table: string): string {
  const [begin, end] = [`<!-- ${name} -->\n`, `<!-- /${name} -->\n`];
  const [before, rest] = page.split(begin);
  const [, after] = rest.split(end);
  return `${before}${begin}\n${table}\n\n${end}${after}`;
}

if (import.meta.main) {
  const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
  await Deno.writeTextFile(path("methods/README.md"), await methodsPage());
  for (
    const [page, name, table] of [
      ["../README.md", "methods", await methodsTable()],
      ["optimum.md", "orders", await ordersTable()],
    ] as const
  ) {
    await Deno.writeTextFile(
      path(page),
      withTable(await Deno.readTextFile(path(page)), name, table),
    );
  }
}
