/**
 * Milliseconds a token of every system that steers, on random weights.
 *
 * `deno task bench:decode [--small] [--systems arm rad] [--top-k 1 20 vocabulary] [--rounds N] [--json]`
 *
 * `deno task bench:decode loading | constancy | overhead | trunk | methods`: see these files.
 */
import { command, Interrupted, interruption, runCommand } from "../lib/cli/command.ts";
import { deviceOption } from "../lib/cli/device_option.ts";
import { efficiencyHeader, efficiencyRow } from "../lib/cli/efficiency_table.ts";
import { jsonOption } from "../lib/cli/json_option.ts";
import { addFlags, givenOptions } from "../lib/cli/option_flags.ts";
import { openDeviceAndTell } from "../lib/cli/open_device.ts";
import { measureEfficiency } from "../lib/experiments/efficiency.ts";
import { efficiencyOptions } from "../lib/experiments/efficiency_options.ts";
import { efficiencyScales } from "../lib/experiments/efficiency_scales.ts";
import { settingText } from "../lib/experiments/efficiency_report.ts";
import type { OptionTable } from "../lib/options/option.ts";
import { constancy } from "./constancy.ts";
import { loading } from "./loading.ts";
import { methods } from "./methods.ts";
import { overhead } from "./overhead.ts";
import { trunk } from "./trunk.ts";

const benchOptions = {
  small: {
    type: "boolean",
    default: false,
    help: "the same systems with small shapes, in less than a minute",
  },
  ...jsonOption,
  ...deviceOption,
} as const satisfies OptionTable;

const bench = command(
  "bench:decode",
  "Measure guided decoding on random weights: GPT-2-Large's shape steered by GPT-2-small's, 25 texts at a time. " +
    "Takes about 25 minutes on 2 cores, 4.5 GB of disk and 10 GB of memory.",
)
  .action(async (_, command) => {
    const { small, json, device: name = "cpu" } = givenOptions(command, benchOptions);
    const signal = interruption();
    const device = await openDeviceAndTell(name);
    const scale = efficiencyScales[small ? "small" : "paper"];
    const options = { ...givenOptions(command, efficiencyOptions), scale, signal };
    let said = json;
    try {
      for await (const row of measureEfficiency(device, options)) {
        if (!said) console.log(`${settingText(row.shapes)}\n\n${efficiencyHeader}`);
        said = true;
        console.log(json ? JSON.stringify(row) : efficiencyRow(row));
      }
    } catch (error) {
      if (signal.aborted) throw new Interrupted("Stopped; the temporary weights are removed.");
      throw error;
    }
  })
  // an option after a subcommand is the subcommand's
  .enablePositionalOptions()
  .addCommand(loading)
  .addCommand(constancy)
  .addCommand(overhead)
  .addCommand(trunk)
  .addCommand(methods);

addFlags(bench, benchOptions);
addFlags(bench, efficiencyOptions);
await runCommand(bench);
