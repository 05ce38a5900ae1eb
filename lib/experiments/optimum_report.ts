import { join } from "node:path";
import { optimumChart } from "../charts/optimum.ts";
import { writeChart } from "../charts/write_chart.ts";
import type { Interval } from "../eval/bootstrap.ts";
import { intervalText } from "../eval/interval_text.ts";
import type { OptimumSet, OptimumSystemRow } from "./optimum_comparison.ts";
import { type OrderRow, orderVerdict, standingOf } from "./orders.ts";
import { unsteeredName } from "./points.ts";
import type { Task } from "./profile.ts";
import { familiesOf } from "./systems/families.ts";
import { type Cell, markdownTable, writeTables } from "./write_tables.ts";

/** How far each system is from the optimum, in one sentence. */
export function optimumVerdicts({ prompts, rows, samples }: OptimumSet): string[] {
  return [...Map.groupBy(steeredIn(rows), ({ title }) => title)].map(([title, points]) =>
    `${title}, ${prompts} prompts: ${verdictOf(points, samples)}.`
  );
}

const steeredIn = (rows: readonly OptimumSystemRow[]) =>
  rows.filter(({ system }) => system !== unsteeredName);

function verdictOf(points: readonly OptimumSystemRow[], samples: number): string {
  if (points.some(({ divergence }) => divergence === undefined)) {
    return "how likely its texts are is not known, so neither is its distance from the optimum";
  }
  const at = ({ beta }: OptimumSystemRow) => points.length > 1 ? ` at β = ${beta}` : "";
  const told = points.flatMap((row) => row.gap ? [`${natsText(row.gap)}${at(row)}`] : []);
  const beyond = points.filter(({ gap }) => !gap).map(at);
  return [
    ...(told.length > 0
      ? [`it takes more nats than the optimum for as much control, by ${told.join(", ")}`]
      : []),
    ...(beyond.length > 0
      ? [
        `${beyond.join(",")} it has more control than ${samples} unguided texts a prompt tell of`
          .trimStart(),
      ]
      : []),
    ...exhaustedTexts(points).map((text) => `${text}, so that its nats are a bound there`),
  ].join("; ");
}

/** At which strengths tries ran out, and for how many texts. */
function exhaustedTexts(points: readonly OptimumSystemRow[]): string[] {
  return points.flatMap(({ beta, exhausted }) =>
    exhausted
      ? [`at β = ${beta} its tries ran out for ${(100 * exhausted).toFixed(0)} % of its texts`]
      : []
  );
}

/** What `exhausted` means, and which points are not what their method would write with tries enough. */
function exhaustedNotes(sets: readonly OptimumSet[]): string[] {
  const verdicts = sets.flatMap(({ prompts, rows }) =>
    [...Map.groupBy(steeredIn(rows), ({ title }) => title)].flatMap(([title, points]) =>
      exhaustedTexts(points).map((text) => `${title}, ${prompts} prompts, ${text}`)
    )
  );
  return verdicts.length === 0 ? [] : [
    "`exhausted` is the share of texts that hold the best of all tries where none was accepted: " +
    `${verdicts.join("; ")}. Such points are not the method's own, which would go on to try.\n`,
  ];
}

/** With two decimals, and no sign of what is 0 then. */
const natsText = (gap: Interval) => intervalText(gap, 2).replaceAll("-0.00", "0.00");

/** Whether any point is better than the best possible, beyond its interval: then an estimate is wrong. */
export function crossingVerdict({ prompts, rows }: OptimumSet): string {
  const crossing = steeredIn(rows).filter(({ gap }) => gap && gap.high < 0);
  return crossing.length === 0
    ? `${prompts} prompts: no point crosses the frontier beyond its interval.`
    : `${prompts} prompts: beyond their intervals these points cross the frontier, as one in forty of those on it does by chance, and otherwise where an estimate is wrong: ${
      crossing.map(({ title, beta }) => `${title} at β = ${beta}`).join(", ")
    }.`;
}

/** What papers claim of the systems and what was found, as lines of Markdown. */
export function orderVerdicts(sets: readonly OptimumSet[]): string[] {
  return sets.flatMap(({ prompts, orders }) =>
    orders.map((row) => `- ${sets.length > 1 ? `${prompts} prompts. ` : ""}${orderVerdict(row)}`)
  );
}

/** Charts end here, or what is near the frontier could not be told apart. */
export const mostNats = 12;

/** What charts of the optimum say below their titles. */
export const optimumSubtitle =
  `Nothing is above the line. Bars are 95 % intervals over prompts. Points beyond ${mostNats} nats are left out.`;

/** Writes tables and figures of a comparison with the optimum. @returns its section of the report. */
export async function writeOptimum(
  out: string,
  task: Task,
  sets: readonly OptimumSet[],
): Promise<string> {
  const tables = join(out, "tables");
  const familyOf = familiesOf(
    sets.flatMap(({ rows }) => steeredIn(rows).map(({ system }) => system)),
  );
  const rows = sets.flatMap((set) =>
    set.rows.map((row) => ({ ...tableRow(set.prompts, row), family: familyOf(row.system) ?? "" }))
  );
  await writeTables(tables, "optimum", tableColumns, rows);
  await writeTables(tables, "optimum-frontier", frontierColumns, sets.flatMap(frontierRows));
  const orders = sets.flatMap((set) => set.orders.map((row) => orderRow(set.prompts, row)));
  await writeTables(tables, "optimum-orders", orderColumns, orders);
  const rewardTitle = task.rewardTitle ?? task.controlTitle;
  const figures: string[] = [];
  for (const { prompts, frontier, rows } of sets) {
    const name = sets.length > 1 ? `optimum-${prompts}` : "optimum";
    figures.push(`![Control against nats from the base, ${prompts} prompts](figures/${name}.svg)`);
    await writeChart(
      join(out, "figures"),
      name,
      optimumChart(
        steeredIn(rows).flatMap(({ system, title, beta, reward, divergence, gap }) =>
          divergence && divergence.estimate <= mostNats
            ? [{
              system: title,
              group: familyOf(system),
              beta,
              reward: reward.estimate,
              rewardLow: reward.low,
              rewardHigh: reward.high,
              divergence: divergence.estimate,
              divergenceLow: divergence.low,
              divergenceHigh: divergence.high,
              gap: gap?.estimate ?? null,
            }]
            : []
        ),
        {
          title: sets.length > 1
            ? `Control against nats from the base, ${prompts} prompts`
            : "Control against nats from the base",
          subtitle: optimumSubtitle,
          rewardTitle,
          frontier: frontier.map(({ beta, reward, divergence }) => (
            { beta, reward: reward.estimate, divergence: Math.max(0, divergence.estimate) }
          )),
        },
      ),
    );
  }
  const notes = exhaustedNotes(sets);
  return [
    "## Distance to the optimum\n",
    `Of all ways to write, p* ∝ p exp(β r) has the most reward r at so many nats from the sampler p, which is the base ` +
    `model's without control (the same top k). Here r is ${
      lowerFirst(rewardTitle)
    }, judged by ${task.judge}. ` +
    `The frontier is estimated from ${
      sets[0].samples
    } unguided texts a prompt, as far as they are worth 30 after weighting; ` +
    `\`gap\` is how many nats more a system takes than the optimum (of strength \`optimum_beta\`) for as much reward.\n`,
    ...figures.map((figure) => `${figure}\n`),
    markdownTable(
      [...shownColumns, ...(notes.length > 0 ? ["exhausted"] : [])],
      rows,
    ),
    ...notes,
    ...sets.map((set) => `${crossingVerdict(set)}\n`),
    ...(orders.length === 0 ? [] : [
      "### The order of the methods\n",
      "`difference` is how much more reward the first system has than the second at as many nats from the base, in the mean over the " +
      "square root of the nats, as far as both are known. What is between two strengths, and between the base model and the " +
      "weakest, is a mixture of their texts.\n",
      markdownTable(orderColumns, orders),
    ]),
  ].join("\n");
}

const lowerFirst = (text: string) =>
  /^[A-Z][a-z]/.test(text) ? text[0].toLowerCase() + text.slice(1) : text;

const withEnds = (name: string) => [name, `${name}_low`, `${name}_high`];

const shownColumns = [
  "prompts",
  "system",
  "beta",
  ...["reward", "nats", "gap"].flatMap(withEnds),
  "optimum_beta",
];

const tableColumns = [
  ...shownColumns,
  "method",
  "family",
  "exhausted",
  "backbone_calls",
  "milliseconds_a_token",
];

function cells(name: string, interval: Interval | undefined): Record<string, Cell> {
  const [whole, low, high] = withEnds(name);
  return interval === undefined
    ? { [whole]: null, [low]: null, [high]: null }
    : { [whole]: interval.estimate, [low]: interval.low, [high]: interval.high };
}

function tableRow(prompts: string, row: OptimumSystemRow): Record<string, Cell> {
  return {
    prompts,
    system: row.title,
    method: row.method ?? null,
    beta: row.beta,
    ...cells("reward", row.reward),
    ...cells("nats", row.divergence),
    exhausted: row.exhausted ?? null,
    ...cells("gap", row.gap),
    optimum_beta: row.optimumBeta ?? null,
    backbone_calls: row.backboneCalls,
    milliseconds_a_token: row.milliseconds,
  };
}

const orderColumns = [
  "prompts",
  "paper",
  "system",
  "claimed",
  "reference",
  "source",
  ...withEnds("difference"),
  "nats",
  "found",
];

function orderRow(prompts: string, row: OrderRow): Record<string, Cell> {
  const { paper, system, claimed, reference, source, difference, nats } = row;
  return {
    prompts,
    paper,
    system,
    claimed,
    reference,
    source,
    ...cells("difference", difference),
    nats,
    found: standingOf(row),
  };
}

const frontierColumns = [
  "prompts",
  "beta",
  ...["reward", "nats", "log_z"].flatMap(withEnds),
  "effective_samples",
];

function frontierRows({ prompts, frontier }: OptimumSet): Record<string, Cell>[] {
  return frontier.map(({ beta, reward, divergence, logZ, effective }) => ({
    prompts,
    beta,
    ...cells("reward", reward),
    ...cells("nats", divergence),
    ...cells("log_z", logZ),
    effective_samples: effective,
  }));
}
