import { basename, join } from "node:path";
import { rewardDistributionChart } from "../charts/reward_distribution.ts";
import { singularValuesChart } from "../charts/singular_values.ts";
import { tradeOffChart } from "../charts/trade_off.ts";
import { tradeOffPanels } from "../charts/trade_off_panels.ts";
import { writeChart } from "../charts/write_chart.ts";
import type { Interval } from "../eval/bootstrap.ts";
import { writeAtomically } from "../files/atomic_write.ts";
import { inOrder, type StageContext } from "../stages/stage.ts";
import type { StageStore } from "../stages/stage_store.ts";
import { makeFolder } from "../files/make_folder.ts";
import { type AreaRow, type Comparison, type ComparisonRow, readComparison } from "./comparison.ts";
import { writeEfficiencyReport } from "./efficiency_report.ts";
import type { ComparisonPlan, ExperimentPlan } from "./experiments.ts";
import { readOptimum } from "./optimum_comparison.ts";
import { optimumVerdicts, orderVerdicts, writeOptimum } from "./optimum_report.ts";
import { unsteeredName } from "./points.ts";
import type { Profile, PublishedPoint } from "./profile.ts";
import { fileHash, provenance } from "./provenance.ts";
import { readEfficiency } from "./stages/efficiency_stage.ts";
import { exampleTexts } from "./example_texts.ts";
import { judgeQuality } from "./judge_quality.ts";
import { markdownCode } from "./markdown_text.ts";
import { answers, type Finding } from "./questions.ts";
import { files } from "./stages/files.ts";
import { readRewardMatrix } from "./stages/reward_matrix_stage.ts";
import { ablationVerdict } from "./verdicts.ts";
import { type Cell, markdownTable, writeTables } from "./write_tables.ts";

/** The figures of the paper that a comparison is. */
const figures = { detox: "figure2", sentiment: "figure3", ablation: "figure4" } as const;
const titles = {
  detox: "Detoxification",
  sentiment: "Sentiment control",
  ablation: "Ablation",
} as const;

/** What tells in brief all that came out; written last. */
export const reportFile = "report.md";

/** What the outcome is written from. */
export interface OutcomeSource {
  readonly profile: Profile;
  readonly plan: ExperimentPlan;
  readonly store: StageStore;
  readonly context: Pick<StageContext, "device">;
  /** The command that was given, for the report. */
  readonly command: string;
}

/**
 * Writes tables, figures, generations and `report.md` of experiments whose stages are done.
 *
 * @returns the path of the report.
 */
export async function writeOutcome(out: string, source: OutcomeSource): Promise<string> {
  const { profile, plan, store, context } = source;
  const sections: string[] = [];
  const findings: Finding[] = [];
  const distances: string[] = [];
  const orders: string[] = [];
  for (const [name, comparison] of Object.entries(plan.comparisons)) {
    const result = await readComparison(store.folderOf(comparison.result, context));
    const experiment = name as keyof typeof figures;
    findings.push({ experiment, title: titles[experiment], areas: result.areas });
    sections.push(await writeComparison(out, experiment, comparison, result));
    sections.push(await exampleTexts(comparison, store, context));
    await writeGenerations(out, comparison, source);
  }
  if (plan.rewardMatrices.length > 0) sections.push(await writeRewardMatrices(out, source));
  if (plan.optimum) {
    const { task, result } = plan.optimum;
    const sets = await readOptimum(store.folderOf(result, context));
    distances.push(...sets.flatMap(optimumVerdicts).map((verdict) => `- ${verdict}`));
    orders.push(...orderVerdicts(sets));
    sections.push(await writeOptimum(out, task, sets));
  }
  if (plan.efficiency) {
    const measurements = await readEfficiency(store.folderOf(plan.efficiency, context));
    const { figure, methods, table } = await writeEfficiencyReport(
      measurements,
      join(out, "efficiency"),
    );
    sections.push(
      `## Efficiency (figure 6, table 1)\n\nOn random weights of this profile's shapes, ` +
        `${measurements[0].device}.\n\n##${await Deno.readTextFile(table.markdown)}\n` +
        `![Time a token](efficiency/${basename(figure.svg)})\n` +
        (methods ? `\n![What every method takes](efficiency/${basename(methods.svg)})\n` : ""),
    );
  }
  const judges = await judgeQuality(plan.results, store, context);
  const report = join(out, reportFile);
  await makeFolder(out);
  const text = [
    `# ${
      [
        ...Object.keys(plan.comparisons),
        ...(plan.optimum ? ["optimum"] : []),
        ...(plan.efficiency ? ["efficiency"] : []),
      ].join(", ")
    }: ` +
    `the ${profile.name} profile\n`,
    `${profile.description}\n`,
    ...(profile.notes ?? []).map((note) => `${note}\n`),
    ...(findings.length + distances.length === 0 ? [] : [
      "## In short\n",
      ...answers(findings),
      ...(orders.length === 0
        ? []
        : ["*Do the methods stand in the order that their papers claim?*\n", ...orders, ""]),
      ...(distances.length === 0
        ? []
        : ["*How far is each from the optimum?*\n", ...distances, ""]),
      "Numbers in brackets are 95 % intervals over prompts.\n",
    ]),
    ...sections,
    ...(judges.length === 0 ? [] : ["## Judges\n", ...judges, ""]),
    await writtenWith(source),
  ].join("\n");
  await writeAtomically(report, text);
  return report;
}

async function writeComparison(
  out: string,
  name: keyof typeof figures,
  { task, points, reference }: ComparisonPlan,
  { rows, areas }: Comparison,
): Promise<string> {
  const tables = join(out, "tables");
  const withCheck = (columns: readonly string[], check: string) =>
    task.check ? [...columns, check, `${check}_low`, `${check}_high`] : columns;
  const shownAreas = withCheck(areaColumns, "D_check");
  await writeTables(tables, name, withCheck(tableColumns, "check"), rows.map(tableRow));
  await writeTables(tables, `${name}-areas`, shownAreas, areas.map(areaRow));
  const sets = [...new Set(rows.map(({ prompts }) => prompts))];
  const titleOf = (name: string) => points.find(({ system }) => system === name)?.title ?? name;
  const panels = sets.map((set) => {
    // a point has no perplexity where all its continuations are beyond what counts, and JSON has null for that
    const inSet = rows.filter(({ prompts, control, perplexity }) =>
      prompts === set && Number.isFinite(control.estimate) && Number.isFinite(perplexity.estimate)
    );
    const unsteered = inSet.filter(({ system }) => system === unsteeredName);
    const steered = inSet.filter(({ system }) => system !== unsteeredName);
    const systems = [...new Set(steered.map(({ name }) => name))];
    const points = systems.flatMap((system) => [
      ...unsteered.map((row) => ({ ...row, name: system })),
      ...steered.filter(({ name }) => name === system),
    ]);
    return {
      title: `${set} prompts`,
      rows: points.map((row) => ({
        system: row.name,
        beta: row.beta,
        score: row.control.estimate,
        scoreLow: row.control.low,
        scoreHigh: row.control.high,
        perplexity: row.perplexity.estimate,
        perplexityLow: row.perplexity.low,
        perplexityHigh: row.perplexity.high,
      })),
      published: publishedIn(task, set, inSet).map(({ system, beta, control, perplexity }) => ({
        system: titleOf(system),
        beta,
        score: control,
        perplexity,
      })),
    };
  });
  const options = {
    title: titles[name],
    subtitle: "Numbers are β; bars are 95 % intervals over prompts.",
    scoreTitle: task.controlTitle,
    perplexityTitle: task.perplexityTitle,
  };
  const spec = panels.length === 1
    ? tradeOffChart(panels[0].rows, { ...options, published: panels[0].published })
    : tradeOffPanels(panels, options);
  await writeChart(join(out, "figures"), figures[name], spec);
  const main = ["prompts", "system", "beta", "control", "control_low", "control_high"];
  const shownColumns = withCheck(
    [...main, "perplexity", "perplexity_low", "perplexity_high", "dist2", "dist3"],
    "check",
  );
  const published = publishedRows(task, rows);
  if (published.length > 0) {
    await writeTables(tables, `${name}-published`, publishedColumns, published);
  }
  return [
    `## ${titles[name]} (${figures[name].replace("figure", "figure ")})\n`,
    `Control: ${uncapitalized(task.controlTitle)}, judged by ${task.judge}; ` +
    `${task.inverse ? "less" : "more"} is better. Fluency: ${
      uncapitalized(task.perplexityTitle)
    }. ` +
    "Intervals are 95 %, by a bootstrap over prompts." +
    (task.check ? ` Columns with check: the same judged by ${task.check}.\n` : "\n"),
    `![${titles[name]}](figures/${figures[name]}.svg)\n`,
    `### Areas between the curves\n`,
    `Of each system against ${
      titleOf(reference)
    }, over the log-perplexities that both reach: D is what ` +
    "the system's area has more, B the area between the curves, both as a share of the other's area. The perplexity " +
    "ratio is the system's perplexity over the other's where both have the same control.\n",
    markdownTable(shownAreas, areas.map(areaRow)),
    ...(name === "ablation" ? [`${ablationVerdict(areas)}\n`] : []),
    ...(published.length === 0 ? [] : [
      "### Beside the paper's numbers\n",
      markdownTable(publishedColumns, published),
    ]),
    `### All points\n`,
    markdownTable(shownColumns, rows.map(tableRow)),
  ].join("\n");
}

const uncapitalized = (title: string) => title.slice(0, 1).toLowerCase() + title.slice(1);

/** The paper's points of the systems that were measured on a set of prompts. */
function publishedIn(
  { published = [] }: ComparisonPlan["task"],
  set: string,
  rows: readonly ComparisonRow[],
): PublishedPoint[] {
  return published.filter(({ system, prompts }) =>
    prompts === set && rows.some((row) => row.system === system && row.prompts === set)
  );
}

const publishedColumns = [
  "prompts",
  "system",
  "beta",
  ...["control", "perplexity", "dist2", "dist3"].flatMap((name) => [name, `${name}_published`]),
];

/** What was measured beside what the paper has, for the points that both have. */
function publishedRows(
  { published = [] }: ComparisonPlan["task"],
  rows: readonly ComparisonRow[],
): Record<string, Cell>[] {
  return rows.flatMap((row) =>
    published
      .filter(({ system, prompts, beta }) =>
        system === row.system && prompts === row.prompts && beta === row.beta
      )
      .map((point) => ({
        prompts: row.prompts,
        system: row.name,
        beta: row.beta,
        ...Object.fromEntries(
          (["control", "perplexity", "dist2", "dist3"] as const).flatMap((name) => [
            [name, row[name].estimate],
            [`${name}_published`, point[name]],
          ]),
        ),
      }))
  );
}

const metrics = [
  ["control", "control"],
  ["mean_score", "meanScore"],
  ["average_maximum", "averageMaximum"],
  ["any_at_least_half", "anyAtLeastHalf"],
  ["share_above_half", "shareAboveHalf"],
  ["perplexity", "perplexity"],
  ["dist1", "dist1"],
  ["dist2", "dist2"],
  ["dist3", "dist3"],
] as const;

const tableColumns = [
  "prompts",
  "system",
  "beta",
  ...metrics.flatMap(([column]) => [column, `${column}_low`, `${column}_high`]),
  "backbone_calls",
  "seeds",
];

function tableRow(row: ComparisonRow): Record<string, Cell> {
  const cells: Record<string, Cell> = {
    prompts: row.prompts,
    system: row.name,
    beta: row.beta,
    backbone_calls: row.backboneCalls,
    seeds: row.seeds,
  };
  for (const [column, metric] of metrics) {
    const { estimate, low, high } = row[metric];
    Object.assign(cells, { [column]: estimate, [`${column}_low`]: low, [`${column}_high`]: high });
  }
  return { ...cells, ...checkCells("check", row.check) };
}

const areaColumns = [
  "prompts",
  "system",
  "reference",
  "D",
  "D_low",
  "D_high",
  "D_per_seed",
  "B",
  "B_low",
  "B_high",
  "perplexity_ratio",
  "perplexity_ratio_low",
  "perplexity_ratio_high",
];

/** What the second judge says, where there is one. */
function checkCells(column: string, check: Interval | undefined): Record<string, Cell> {
  return check
    ? { [column]: check.estimate, [`${column}_low`]: check.low, [`${column}_high`]: check.high }
    : {};
}

function areaRow(
  { prompts, name, reference, area, perSeed, check }: AreaRow,
): Record<string, Cell> {
  const { relativeDifference: d, relativeBetween: b, perplexityRatio: ratio } = area;
  return {
    prompts,
    system: name,
    reference,
    D: d.estimate,
    D_low: d.low,
    D_high: d.high,
    D_per_seed: perSeed.map((value) => value === null ? "–" : value.toPrecision(3)).join(" "),
    B: b.estimate,
    B_low: b.low,
    B_high: b.high,
    perplexity_ratio: ratio.estimate,
    perplexity_ratio_low: ratio.low,
    perplexity_ratio_high: ratio.high,
    ...checkCells("D_check", check),
  };
}

async function writeRewardMatrices(
  out: string,
  { profile, plan, store, context }: OutcomeSource,
): Promise<string> {
  const results = await Promise.all(plan.rewardMatrices.map(async ({ system, result }) => ({
    name: system,
    ...await readRewardMatrix(store.folderOf(result, context)),
  })));
  const label = profile.tasks.detox.label;
  const { width } = results[0];
  const folder = join(out, "figures");
  await writeChart(
    folder,
    "figure5",
    rewardDistributionChart(
      results.flatMap(({ name, sorted }) =>
        sorted.map((reward, rank) => ({ system: name, rank, reward }))
      ),
      { rewardTitle: `Predicted reward (${label})` },
    ),
  );
  await writeChart(
    folder,
    "singular-values",
    singularValuesChart(
      results.flatMap(({ name, singularValues }) =>
        singularValues.map((value, i) => ({ system: name, index: i + 1, value }))
      ),
      { armWidth: width },
    ),
  );
  const rows = results.map(({ name, singularValues, prefixes, vocabulary }) => {
    const squares = singularValues.map((value) => value ** 2);
    const total = squares.reduce((sum, value) => sum + value, 0);
    const holding = (share: number) => {
      let sum = 0;
      return 1 + squares.findIndex((square) => (sum += square) >= share * total);
    };
    return {
      system: name,
      prefixes,
      vocabulary,
      rank_99: holding(0.99),
      rank_9999: holding(0.9999),
      above_1e_3: singularValues.filter((value) => value > 1e-3 * singularValues[0]).length,
    };
  });
  const columns = ["system", "prefixes", "vocabulary", "rank_99", "rank_9999", "above_1e_3"];
  await writeTables(join(out, "tables"), "reward-rank", columns, rows);
  return [
    "## Rewards of the whole vocabulary (figure 5)\n",
    `The reward ${
      markdownCode(label)
    } of every next token, averaged over 20 prompts, tokens in each model's own order.\n`,
    "![Rewards of all tokens](figures/figure5.svg)\n",
    "### Rank of the reward matrix\n",
    "Rewards of prefixes × vocabulary. An ARM of width d holds rank d at most, as equation (2) is linear in the " +
    "hidden state; `rank_99` is how many singular values hold 99 % of the squared norm.\n",
    markdownTable(columns, rows),
    "![Singular values](figures/singular-values.svg)\n",
  ].join("\n");
}

async function writeGenerations(
  out: string,
  { task, points }: ComparisonPlan,
  { profile, store, context }: OutcomeSource,
): Promise<void> {
  const folder = join(out, "generations");
  await makeFolder(folder);
  for (const { system, prompts, beta, generations } of points) {
    for (const [i, stage] of generations.entries()) {
      const name = `${task.name}-${prompts}-${system}-beta-${beta}-seed-${profile.seeds[i]}.jsonl`;
      const from = join(store.folderOf(stage, context), files.generations);
      await writeAtomically(join(folder, name), await Deno.readFile(from));
    }
  }
}

/** The report's last section: what it was made with. */
async function writtenWith(
  { profile, plan, store, context, command }: OutcomeSource,
): Promise<string> {
  const { commit, deno, os, packages } = await provenance();
  const { seeds, topK, samples, maxNewTokens } = profile;
  const stages = [...inOrder(plan.results, context.device).values()];
  const rows: Record<string, Cell>[] = [];
  for (const stage of stages) {
    const folder = store.folderOf(stage, context);
    for (const file of ["model.safetensors", files.texts, files.prompts, "tokens.bin"]) {
      const hash = await fileHash(join(folder, file));
      if (hash) rows.push({ result: basename(folder), what: stage.title, file, sha256: hash });
    }
  }
  return [
    "## Made with\n",
    `- command: ${markdownCode(command)}`,
    `- commit: ${commit ?? "unknown: this is no git checkout"}`,
    `- Deno ${deno}, ${os}; ${
      Object.entries(packages).map(([name, version]) => `${name} ${version}`).join(", ")
    }`,
    `- device: ${context.device.name}`,
    `- seeds: ${
      seeds.join(", ")
    }; k = ${topK}; ${samples} continuations a prompt of at most ${maxNewTokens} tokens`,
    `- settings of every stage: \`stage.json\` in each result's folder\n`,
    markdownTable(["result", "what", "file", "sha256"], rows),
  ].join("\n");
}
