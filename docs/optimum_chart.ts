/**
 * Keeps what `deno task reproduce optimum --profile world` found, and draws it:
 *
 *     deno run -A docs/optimum_chart.ts runs/world   # takes the tables of a report
 *     deno run -A docs/optimum_chart.ts              # draws what is kept
 *
 * Writes `optimum.csv`, `optimum-frontier.csv`, `optimum-orders.csv`, `optimum.svg` and charts of methods beside this file; `methods_page.ts` makes its
 * tables of them.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { optimumChart, renderSvg } from "armature";
import { mostNats, optimumSubtitle } from "../lib/experiments/optimum_report.ts";
import { listedMethods } from "../lib/methods/listed_methods.ts";
import { frontierRows, type OptimumPoint, optimumRows } from "./optimum_rows.ts";

const here = fileURLToPath(new URL("./", import.meta.url));

const [report] = Deno.args;
if (report !== undefined) {
  for (const name of ["optimum.csv", "optimum-frontier.csv", "optimum-orders.csv"]) {
    await Deno.copyFile(join(report, "tables", name), join(here, name));
  }
}
const frontier = await frontierRows();
const points = (await optimumRows()).filter(({ nats }) => nats && nats.estimate <= mostNats);

/** Systems beside the frontier. */
async function draw(
  file: string,
  some: readonly OptimumPoint[],
  title: string,
  size: { readonly width: number; readonly height: number },
): Promise<void> {
  const rows = some.map(({ system, family, beta, reward, nats, gap }) => ({
    system,
    group: family,
    beta,
    reward: reward.estimate,
    rewardLow: reward.low,
    rewardHigh: reward.high,
    divergence: nats!.estimate,
    divergenceLow: nats!.low,
    divergenceHigh: nats!.high,
    gap: gap?.estimate ?? null,
  }));
  const chart = optimumChart(rows, {
    theme: "transparent",
    title,
    subtitle: optimumSubtitle,
    rewardTitle: "Exact probability that the text is positive",
    frontier,
    ...size,
  });
  await Deno.writeTextFile(join(here, file), await renderSvg(chart));
}

const all = "Control against nats from the base, in the small world";
await draw("optimum.svg", points, all, { width: 380, height: 260 });

/** The methods whose pages have no chart of control against fluency, and what stands beside them. */
const pages = [
  "rectification",
  "pplm",
  "genarm",
  "farma",
  "args",
  "cd",
  "arithmetic",
  "caif",
  "cooperative",
  "best-of-n",
  "cards",
];
const beside = "ARM, distilled";
for (const { kind, name } of listedMethods().filter(({ kind }) => pages.includes(kind))) {
  const some = points.filter(({ method, system }) => method === kind || system === beside)
    .map((point) => ({ ...point, family: "" }));
  const title = `${name} beside an ARM and the optimum`;
  await draw(`methods/${kind}.svg`, some, title, { width: 420, height: 260 });
}
