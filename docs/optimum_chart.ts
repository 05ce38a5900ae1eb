/**
 * Keeps what `deno task reproduce optimum --profile world` found, and draws it:
 *
 *     deno run -A docs/optimum_chart.ts runs/world   # takes the tables of a report
 *     deno run -A docs/optimum_chart.ts              # draws what is kept
 *
 * Writes `optimum.csv`, `optimum-frontier.csv`, `optimum-orders.csv` and `optimum.svg` beside this file; `methods_page.ts` makes its
 * tables of them.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { optimumChart, renderSvg } from "armature";
import { mostNats, optimumSubtitle } from "../lib/experiments/optimum_report.ts";
import { frontierRows, optimumRows } from "./optimum_rows.ts";

const here = fileURLToPath(new URL("./", import.meta.url));

const [report] = Deno.args;
if (report !== undefined) {
  for (const name of ["optimum.csv", "optimum-frontier.csv", "optimum-orders.csv"]) {
    await Deno.copyFile(join(report, "tables", name), join(here, name));
  }
}
const rows = await optimumRows();
const chart = optimumChart(
  rows.filter(({ nats }) => nats && nats.estimate <= mostNats).map((
    { system, family, beta, reward, nats, gap },
  ) => ({
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
  })),
  {
    theme: "transparent",
    title: "Control against nats from the base, in the small world",
    subtitle: optimumSubtitle,
    rewardTitle: "Exact probability that the text is positive",
    frontier: await frontierRows(),
    width: 380,
    height: 260,
  },
);
await Deno.writeTextFile(join(here, "optimum.svg"), await renderSvg(chart));
