/**
 * All that a GPU is measured by, in one run that ends in time: matrix and copy rates, training, decoding, exactness, where ops
 * run, memory, and the same in PyTorch where there is one.
 *
 * `deno task bench:gpu [--small] [--out FILE] [--minutes N] [--markdown FILE]`
 */
import { dirname } from "node:path";
import { command, interruption, runCommand } from "../lib/cli/command.ts";
import { addFlags, givenOptions } from "../lib/cli/option_flags.ts";
import { systemFacts } from "../lib/doctor/system_facts.ts";
import { writeAtomically } from "../lib/files/atomic_write.ts";
import { keepFinished, outputOptions } from "../lib/files/finished_output.ts";
import { JsonLinesLog, readJsonLines } from "../lib/files/json_lines.ts";
import { makeFolder } from "../lib/files/make_folder.ts";
import type { OptionTable, SettledOptions } from "../lib/options/option.ts";
import { settle } from "../lib/options/settle.ts";
import type { DeviceName } from "../lib/runtime/device_name.ts";
import { carryOut } from "./gpu/carry_out.ts";
import { measure } from "./gpu/measure.ts";
import type { Order } from "./gpu/measurement.ts";
import { planOf } from "./gpu/plan.ts";
import type { Row } from "./gpu/row.ts";
import { benchScales } from "./gpu/scale.ts";
import { resultsMarkdown } from "./gpu/table.ts";

const devices = ["cuda", "webgpu", "cpu"] as const satisfies readonly DeviceName[];

const gpuOptions = {
  small: {
    type: "boolean",
    default: false,
    help: "tiny shapes, on the CPU as well, in less than a minute: shows that all of it runs",
  },
  device: {
    type: "list",
    of: { type: "choice", of: devices },
    defaultHelp: "cuda webgpu, with --small also cpu",
    placeholder: "name",
    help: "what is measured",
  },
  minutes: {
    type: "number",
    above: 0,
    max: 600,
    default: 8,
    help: "what is not done by then is left out",
  },
  out: {
    type: "text",
    default: "runs/gpu.jsonl",
    placeholder: "file",
    help: "results, written as they come, one JSON object a line",
  },
  markdown: { type: "text", placeholder: "file", help: "write the tables there as well" },
  from: {
    type: "text",
    placeholder: "file",
    help: "make the tables of results that are there, instead of measuring",
  },
  golden: {
    type: "text",
    placeholder: "dir",
    help: "compare with a folder of golden numbers, too",
  },
  python: {
    type: "text",
    default: "python3",
    placeholder: "path",
    help: "a Python that has PyTorch",
  },
  ...outputOptions,
} as const satisfies OptionTable;

const gpu = command(
  "bench:gpu",
  "Measure everything on a GPU, beside PyTorch where there is one, in one run that ends in time.",
)
  .action(async (_, command) => {
    const settled = settle("bench:gpu", gpuOptions, givenOptions(command, gpuOptions));
    const { from, markdown, overwrite } = settled;
    if (markdown !== undefined) await keepFinished(markdown, overwrite);
    const rows = from === undefined ? await measured(settled) : await rowsIn(from);
    const tables = resultsMarkdown(rows);
    console.log(`\n${tables}`);
    if (markdown !== undefined) await writeAtomically(markdown, tables);
  });
addFlags(gpu, gpuOptions);

/** What the process of a measurement does. */
gpu.addCommand(
  command("measure", "Make one measurement in this process.")
    .argument("<order>")
    .option("--small")
    .action(async (order, { small }) => {
      const scale = benchScales[small ? "small" : "real"];
      for await (const finding of measure(JSON.parse(order) as Order, scale)) {
        console.log(JSON.stringify(finding));
      }
    }),
  { hidden: true },
);
gpu.enablePositionalOptions();

/** Measures, and writes each row as it comes. */
async function measured(
  { small, device, minutes, out, golden, python, overwrite }: SettledOptions<typeof gpuOptions>,
): Promise<Row[]> {
  const began = performance.now();
  const seconds = () => Number(((performance.now() - began) / 1000).toFixed(1));
  await keepFinished(out, overwrite);
  await makeFolder(dirname(out));
  using log = await JsonLinesLog.open(out, { keep: () => false });
  const signal = interruption();
  const facts = await systemFacts();
  log.append({ about: { ...facts, small, minutes } });
  const scale = benchScales[small ? "small" : "real"];
  const plan = planOf(scale, {
    devices: device ?? devices.filter((name) => small || name !== "cpu"),
    python,
    torchDevice: small ? "auto" : "cuda",
    golden,
  });
  const rows: Row[] = [];
  const until = began + 60_000 * minutes;
  const hasCard = facts.nvidia.length > 0;
  for await (const row of carryOut(plan, { scale, isSmall: small, until, hasCard, signal })) {
    rows.push(row);
    log.append({ ...row, at: seconds() });
    console.log(rowText(row));
  }
  log.append({ done: { seconds: seconds() } });
  console.log(`${seconds()} s. Results: ${out}`);
  return rows;
}

/** The rows of a file of results, without what is about the whole run. */
async function rowsIn(path: string): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const { row } of readJsonLines(path)) {
    if (isRow(row)) rows.push(row);
  }
  return rows;
}

function isRow(row: object): row is Row {
  return "quantity" in row && "contender" in row;
}

function rowText({ contender, quantity, value, unit, problem }: Row): string {
  const found = problem ?? `${value} ${unit}`;
  return `${contender.padEnd(26)} ${quantity.padEnd(52)} ${found}`;
}

await runCommand(gpu);
