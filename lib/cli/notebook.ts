import { join } from "node:path";
import { markdownTable, writeTables } from "../experiments/write_tables.ts";
import { keepFinished } from "../files/finished_output.ts";
import { installLastingKernel } from "../notebook_run/lasting_kernel.ts";
import {
  copyNames,
  planRuns,
  runWithParameters,
  type Setting,
  settingName,
} from "../notebook_run/run_with_parameters.ts";
import type { ReturnedRow } from "../notebook_run/returned.ts";
import { Progress } from "../progress.ts";
import { command, interruption, positiveInteger, repeatable, runCommand } from "./command.ts";

const run = command(
  "run",
  "Execute a copy of a notebook with other values for its parameters: those of the cell with the tag 'parameters'. " +
    "What the cell with the tag 'result' comes to, or else the last, is printed as a table.",
);
run
  .argument("<file>", "the notebook")
  .requiredOption("--out <path>", "the executed copy (.ipynb); of a sweep the folder of all copies")
  .option("--set <name=value>", "the value of a parameter (repeatable)", repeatable)
  .option(
    "--sweep <name=values>",
    "values of a parameter, between commas: a copy for each, and for each combination with others (repeatable)",
    repeatable,
  )
  .option("--cell-seconds <n>", "the longest that one cell may take", positiveInteger, 3600)
  .option("--overwrite", "replace what is there already", false)
  .action(async (file, { out, set, sweep, cellSeconds, overwrite }) => {
    const plan = await planRuns(file, { set, sweep });
    const isOne = out.endsWith(".ipynb");
    if (isOne && plan.settings.length > 1) {
      run.error("error: option '--sweep' makes several notebooks: give '--out' a folder");
    }
    const outs = isOne ? [out] : copyNames(plan.settings).map((name) => join(out, name));
    for (const path of outs) await keepFinished(path, overwrite);
    const rows: ReturnedRow[] = [];
    const failed: string[] = [];
    let progress: Progress | undefined;
    const runs = runWithParameters(plan, {
      outs,
      cellSeconds,
      signal: interruption(),
      onCell: (setting, cell, total) => {
        progress ??= new Progress({ label: settingName(setting) || file, total, unit: "cells" });
        progress.update(cell - 1);
      },
    });
    for await (const { setting, rows: returned, error } of runs) {
      progress?.done();
      progress = undefined;
      if (error) failed.push(`${settingName(setting) || file}: ${error}`);
      rows.push(...returned.map((row) => ({ ...columnsOf(setting), ...row })));
    }
    if (rows.length > 0) {
      const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
      console.log(markdownTable(columns, rows));
      if (!isOne) await writeTables(out, "table", columns, rows);
    }
    for (const problem of failed) console.error(problem);
    if (failed.length > 0) {
      throw new Error(
        `${failed.length} of ${outs.length} notebooks failed; the copies hold their errors`,
      );
    }
  });

/** The values of a setting as the first columns of its rows. */
function columnsOf(setting: Setting): ReturnedRow {
  return Object.fromEntries(
    [...setting].map(([{ name }, value]) => [
      name,
      typeof value === "number" || typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
}

const kernel = command(
  "kernel",
  "Install the Deno kernel for Jupyter, where it stays: a Deno that npx fetched is copied beside it.",
).action(async () => {
  console.log(`Installed the kernel 'deno' in ${await installLastingKernel()}`);
});

await runCommand(
  command("notebook", "Run a notebook with parameters; install the kernel that runs them.")
    .usage("run <file> [options] | kernel")
    .addCommand(run)
    .addCommand(kernel),
);
