/**
 * Charts as Vega-Lite specifications with their data in them, and their drawing as SVG and PNG. Vega is loaded where one
 * is drawn.
 *
 * @example A chart in a file
 * ```ts ignore
 * import { tradeOffChart, writeChart } from "@armature/armature/charts";
 *
 * await writeChart("trade-off.svg", tradeOffChart(rows));
 * ```
 *
 * @module
 */

export { learningCurveChart } from "../charts/learning_curve.ts";
export { optimumChart } from "../charts/optimum.ts";
export { renderPng, renderSvg } from "../charts/render.ts";
export { rewardDistributionChart } from "../charts/reward_distribution.ts";
export { singularValuesChart } from "../charts/singular_values.ts";
export { timePerTokenChart } from "../charts/time_per_token.ts";
export { tradeOffChart } from "../charts/trade_off.ts";
export { tradeOffPanels } from "../charts/trade_off_panels.ts";
export { writeChart } from "../charts/write_chart.ts";
