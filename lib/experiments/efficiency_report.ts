import { join } from "node:path";
import type { TopLevelSpec } from "vega-lite";
import { stepCostChart } from "../charts/step_cost.ts";
import { timePerTokenChart } from "../charts/time_per_token.ts";
import { type ChartFiles, writeChart } from "../charts/write_chart.ts";
import { readPaperTable1 } from "../data/paper_numbers.ts";
import { shown } from "../data/table.ts";
import type { Interval } from "../eval/bootstrap.ts";
import { median } from "../eval/median.ts";
import { displayedAs, type MediaBundle } from "../notebook/display.ts";
import { tableLook } from "../notebook/table_look.ts";
import { writeAtomically } from "../files/atomic_write.ts";
import { type JsonRow, readJsonLines } from "../files/json_lines.ts";
import type { Kind } from "../options/option.ts";
import { checkArgument } from "../options/settle.ts";
import { makeFolder } from "../files/make_folder.ts";
import { type EfficiencyMeasurement, type MeasuredShapes } from "./efficiency.ts";
import { costNotes, systemFacts } from "./efficiency_facts.ts";
import {
  type EfficiencySystem,
  efficiencySystems,
  isFurther,
  type RatedTokens,
} from "./efficiency_scales.ts";

/** Table 1 for people, which is there when the others are. */
export const tableFile = "table1.md";

/** The files of the paper's figure 6 and table 1, by what they hold. */
export interface EfficiencyFiles {
  readonly figure: ChartFiles & { readonly csv: string };
  /** What a step takes by every system, at one k; where more than the paper's systems were measured. */
  readonly methods?: ChartFiles;
  readonly table: { readonly markdown: string; readonly csv: string };
}

/**
 * Turns measurements into the paper's figure 6 (time a token against k) and table 1 (backbone calls a step), with what
 * the paper states of the latter beside what was counted.
 *
 * @param out folder for the files; it is made if it is not there.
 * @returns where the files are.
 * @throws {RangeError} if no system was measured, or they were measured with different shapes or devices.
 * @throws {Error} if a file cannot be written, or no font is installed to draw the PNG with.
 */
export async function writeEfficiencyReport(
  measurements: readonly EfficiencyMeasurement[],
  out: string,
): Promise<EfficiencyFiles> {
  const steered = measurements.filter(({ system }) => system !== "unguided");
  if (steered.length === 0) {
    throw new RangeError("Cannot draw figure 6 as no system that steers was measured: measure one");
  }
  const settings = new Set(
    // texts of slow systems may be shorter
    measurements.map(({ device, shapes }) =>
      JSON.stringify([device, { ...shapes, new_tokens: 0 }])
    ),
  );
  if (settings.size > 1) {
    throw new RangeError(
      "Cannot draw figure 6 as the measurements are of different shapes or devices: draw them apart",
    );
  }
  const spec = efficiencyChart(measurements);
  const published = await publishedCalls();
  await makeFolder(out);
  const csv = join(out, "figure6.csv");
  const table = { markdown: join(out, tableFile), csv: join(out, "table1.csv") };
  await writeAtomically(csv, figureCsv(measurements));
  await writeAtomically(table.csv, tableCsv(steered, published));
  await writeAtomically(table.markdown, tableMarkdown(steered, published));
  // last, as its PNG alone needs a font
  const figure = { ...await writeChart(out, "figure6", spec), csv };
  const methods = methodsChart(measurements);
  return { figure, table, ...(methods && { methods: await writeChart(out, "methods", methods) }) };
}

/** What a step of every system takes at the k at which all were measured; nothing where the paper's alone were. */
function methodsChart(measurements: readonly EfficiencyMeasurement[]): TopLevelSpec | undefined {
  const further = measurements.find(({ system }) => isFurther(system));
  if (!further) return undefined;
  const rows = inOrder(measurements.filter(({ k }) => k === further.k)).map((row) => ({
    system: systemFacts[row.system].name,
    ratio: row.over_unguided,
    low: row.over_unguided_min,
    high: row.over_unguided_max,
  }));
  return stepCostChart(rows, {
    title: `What a step of every method takes, k = ${further.k}`,
    subtitle: `${settingText(further.shapes)}, on ${further.device}. ` +
      "Medians; bars reach from the least to the greatest of the rounds.",
  });
}

/**
 * Reads the JSON lines that the benchmark prints.
 *
 * @throws {Error} if the file cannot be read.
 * @throws {SyntaxError | TypeError} if it holds anything but measurements, naming the line.
 */
export async function readMeasurements(path: string): Promise<EfficiencyMeasurement[]> {
  const measurements: EfficiencyMeasurement[] = [];
  for await (const { line, row } of readJsonLines(path)) {
    const problem = problemOf(row);
    if (problem) {
      throw new TypeError(
        `Cannot read '${path}': line ${line} is no measurement, as ${problem}, so give what ` +
          "`deno task bench:decode --json` printed",
      );
    }
    measurements.push(row as unknown as EfficiencyMeasurement);
  }
  return measurements;
}

/** Why a JSON object is no measurement, or nothing. */
function problemOf(row: JsonRow): string | undefined {
  const { system, k, device, shapes } = row;
  if (!efficiencySystems.includes(system as EfficiencySystem)) {
    return `its system is ${shown(system)}`;
  }
  if (system === "unguided" ? k !== null : k !== "vocabulary" && !isPositive(k)) {
    return `its k is ${shown(k)}`;
  }
  for (const name of numbers) {
    if (!isPositive(row[name])) return `its ${name} is ${shown(row[name])}`;
  }
  if (!Number.isFinite(row.backbone_calls)) {
    return `its backbone_calls are ${shown(row.backbone_calls)}`;
  }
  if (typeof device !== "string") return `its device is ${shown(device)}`;
  const { base, reward, ...counts } = (shapes ?? {}) as Record<string, unknown>;
  const sizes = [base, reward].flatMap((model) => {
    const { width, layers, heads, vocabulary } = (model ?? {}) as Record<string, unknown>;
    return [width, layers, heads, vocabulary];
  });
  const { batch, prompt_tokens, new_tokens } = counts;
  if (![...sizes, batch, prompt_tokens, new_tokens].every(isPositive)) {
    return "its shapes are incomplete";
  }
}

const numbers = [
  "ms_per_token",
  "min_ms",
  "max_ms",
  "rounds",
  "unguided_ms",
  "unguided_min_ms",
  "unguided_max_ms",
  "over_unguided",
  "over_unguided_min",
  "over_unguided_max",
  "tokens_per_second",
] as const;

function isPositive(value: unknown): value is number {
  return Number.isFinite(value) && value as number > 0;
}

const measurementsKind = {
  type: "list",
  of: { type: "value", is: isMeasurement, what: "a measurement that measureEfficiency() gave" },
  empty: false,
} as const satisfies Kind;

function isMeasurement(value: unknown): value is EfficiencyMeasurement {
  return typeof value === "object" && value !== null && problemOf(value as JsonRow) === undefined;
}

/** @throws if it is no list of measurements, one of which steers. */
function requireMeasurements(caller: string, measurements: unknown): void {
  checkArgument(caller, "measurements", measurementsKind, measurements);
  if (measurements.every(({ system }) => system === "unguided")) {
    throw new RangeError(`${caller}: no system that steers was measured: measure one.`);
  }
}

/**
 * The paper's figure 6: time a token against k, and that of the base model alone, which was timed beside every system at
 * every k. Further systems, which are measured at one k, are left out where there are others.
 *
 * @throws {RangeError} if no system that steers was measured.
 */
export function efficiencyChart(measurements: readonly EfficiencyMeasurement[]): TopLevelSpec {
  requireMeasurements("efficiencyChart", measurements);
  const [{ device, shapes }] = measurements;
  const all = inOrder(measurements.filter(({ k }) => k !== null));
  const ofThePaper = all.filter(({ system }) => !isFurther(system));
  const steered = ofThePaper.length > 0 ? ofThePaper : all;
  const numberOf = (k: RatedTokens | null) => k === "vocabulary" ? shapes.base.vocabulary : k!;
  const rows = steered.map((row) => ({
    system: systemFacts[row.system].name,
    k: numberOf(row.k),
    milliseconds: row.ms_per_token,
    ...(row.rounds > 1 && { low: row.min_ms, high: row.max_ms }),
  }));
  const unguided = [...Map.groupBy(steered, ({ k }) => k)].map(([k, beside]) => ({
    k: numberOf(k),
    milliseconds: median(beside.map(({ unguided_ms }) => unguided_ms)),
    low: Math.min(...beside.map(({ unguided_min_ms }) => unguided_min_ms)),
    high: Math.max(...beside.map(({ unguided_max_ms }) => unguided_max_ms)),
  }));
  return timePerTokenChart(rows, {
    title: "Time a token when a step rates k tokens",
    subtitle: `${settingText(shapes)}, on ${device}. ` +
      "Medians; bars reach from the fastest to the slowest round.",
    unguided,
    vocabulary: shapes.base.vocabulary,
  });
}

/** What the models of a measurement are, in words. */
export function settingText(
  { base, reward, batch, prompt_tokens, new_tokens }: MeasuredShapes,
): string {
  return `${modelText(base)} steered by ${modelText(reward)}, random weights, ` +
    `${batch} texts of ${new_tokens} new tokens after a prompt of ${prompt_tokens}`;
}

/** What a model of a measurement is, in words. */
export function modelText({ width, layers }: MeasuredShapes["base"]): string {
  const size = `d = ${width}, ${layers} layers`;
  if (width === 1280 && layers === 36) return `GPT-2-Large's shape (${size})`;
  if (width === 768 && layers === 12) return `GPT-2-small's shape (${size})`;
  return `GPT-2 of ${size}`;
}

function inOrder(measurements: readonly EfficiencyMeasurement[]): EfficiencyMeasurement[] {
  const place = ({ system }: EfficiencyMeasurement) => efficiencySystems.indexOf(system);
  return measurements.toSorted((a, b) => place(a) - place(b));
}

function figureCsv(measurements: readonly EfficiencyMeasurement[]): string {
  const columns = [
    "system",
    "k",
    "ms_per_token",
    "min_ms",
    "max_ms",
    "rounds",
    "unguided_ms",
    "over_unguided",
    "over_unguided_min",
    "over_unguided_max",
    "tokens_per_second",
    "backbone_calls",
    "device",
  ] as const;
  const lines = inOrder(measurements).map((row) =>
    columns.map((name) => row[name] ?? "").join(",")
  );
  return [columns.join(","), ...lines].join("\n") + "\n";
}

/** What the paper's table 1 says of each system that it has: a number, or `k`. */
async function publishedCalls(): Promise<ReadonlyMap<string, string>> {
  const rows = await readPaperTable1();
  return new Map(rows.map(({ system, backboneCalls }) => [system, String(backboneCalls)]));
}

function tableCsv(
  steered: readonly EfficiencyMeasurement[],
  published: ReadonlyMap<string, string>,
): string {
  const lines = inOrder(steered).map(({ system, k, backbone_calls }) =>
    [system, k, backbone_calls, published.get(system) ?? ""].join(",")
  );
  return ["system,k,counted,published", ...lines].join("\n") + "\n";
}

/** A row of the paper's table 1. */
export interface EfficiencyTableRow {
  readonly system: string;
  /** Backbone calls a step, counted: a number, or how they depend on k. */
  readonly counted: string;
  /** The same by the paper's table 1, where that has the system. */
  readonly published?: string;
  /** Operations of a step of one text beside the base model's, up to a constant. */
  readonly operations: string;
  /**
   * Time of a step over that of the base model alone beside it, by k: the median over rounds, and the least and the
   * greatest of them.
   */
  readonly overUnguided: ReadonlyMap<RatedTokens, Interval>;
}

/**
 * The paper's table 1, and the time that each system takes: one row a system that steers. The rows show themselves as a
 * table in notebooks.
 */
export async function efficiencyTable(
  measurements: readonly EfficiencyMeasurement[],
): Promise<EfficiencyTableRow[]> {
  requireMeasurements("efficiencyTable", measurements);
  const steered = measurements.filter(({ system }) => system !== "unguided");
  const rows = tableRows(steered, await publishedCalls());
  return displayedAs(rows, () => efficiencyTableLook(rows));
}

function efficiencyTableLook(rows: readonly EfficiencyTableRow[]): MediaBundle {
  const ks = [...new Set(rows.flatMap(({ overUnguided }) => [...overUnguided.keys()]))];
  return tableLook({
    title: "What a guided step costs",
    facts: [[
      "last columns",
      "time over that of the base model alone beside it: median and range of the rounds; not told apart where it holds 1",
    ]],
    columns: [
      { name: "system" },
      { name: "passes a step, counted" },
      { name: "in the paper" },
      { name: "operations a step" },
      ...ks.map((k) => ({ name: kText(k), isNumber: true })),
    ],
    rows: rows.map(({ system, counted, published, operations, overUnguided }) => [
      system,
      counted,
      published ?? "–",
      operations,
      ...ks.map((k) => overUnguided.has(k) ? ratioText(overUnguided.get(k)!) : "–"),
    ]),
  });
}

function kText(k: RatedTokens): string {
  return k === "vocabulary" ? "all tokens" : `k = ${k}`;
}

function tableRows(
  steered: readonly EfficiencyMeasurement[],
  published: ReadonlyMap<string, string>,
): EfficiencyTableRow[] {
  const systems = [...Map.groupBy(inOrder(steered), ({ system }) => system)];
  return systems.map(([system, rows]) => ({
    system: systemFacts[system].name,
    counted: countedCalls(rows),
    published: published.get(system),
    operations: systemFacts[system].cost,
    overUnguided: new Map(
      rows.map((row) => [row.k!, {
        estimate: row.over_unguided,
        low: row.over_unguided_min,
        high: row.over_unguided_max,
      }]),
    ),
  }));
}

function tableMarkdown(
  steered: readonly EfficiencyMeasurement[],
  published: ReadonlyMap<string, string>,
): string {
  const [{ shapes, device }] = steered;
  const ks = [...new Set(steered.map(({ k }) => k!))];
  const header = [
    "system",
    "backbone calls a step, counted",
    "published",
    "operations of a step",
    ...ks.map(kText),
  ];
  const rows = tableRows(steered, published).map((row) => [
    row.system,
    row.counted,
    row.published ?? "–",
    row.operations,
    ...ks.map((k) => {
      const ratio = row.overUnguided.get(k);
      return ratio === undefined ? "–" : ratioText(ratio);
    }),
  ]);
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [
    "# Table 1: what a guided step costs",
    "",
    `${
      settingText(shapes)
    }, on ${device}. "Published" is table 1 of the paper. The last columns are the time of a ` +
    "guided step over that of the base model alone, timed beside it: the median over rounds, and the range of them in " +
    "brackets. Where the range holds 1, the two were not told apart.",
    "",
    line(header),
    line(header.map(() => "---")),
    ...rows.map(line),
    "",
    costNotes,
    "",
  ].join("\n");
}

/** A ratio, and the range of its rounds where there are several. */
function ratioText({ estimate, low, high }: Interval): string {
  const [text, ...ends] = [estimate, low, high].map((value) => value.toFixed(2));
  return low < high ? `${text} × [${ends.join(", ")}]` : `${text} ×`;
}

/** The counts of a system at all k: one number where they are the same, `k` where they are as many. */
function countedCalls(rows: readonly EfficiencyMeasurement[]): string {
  const counts = [...new Set(rows.map(({ backbone_calls }) => backbone_calls))];
  if (counts.length === 1 && rows.length > 1) return String(counts[0]);
  if (rows.every(({ k, backbone_calls }) => k === backbone_calls)) {
    return `k (${counts.join(", ")})`;
  }
  return counts.join(", ");
}
