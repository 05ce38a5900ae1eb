import { join } from "node:path";
import { type EfficiencyMeasurement, measureEfficiency } from "../experiments/efficiency.ts";
import { efficiencyOptions } from "../experiments/efficiency_options.ts";
import { efficiencyScales } from "../experiments/efficiency_scales.ts";
import {
  readMeasurements,
  tableFile,
  writeEfficiencyReport,
} from "../experiments/efficiency_report.ts";
import { writeAtomically } from "../files/atomic_write.ts";
import { keepFinished, outputOptions } from "../files/finished_output.ts";
import { lockFolder } from "../files/folder_lock.ts";
import type { OptionTable } from "../options/option.ts";
import { settle } from "../options/settle.ts";
import { command, Interrupted, interruption } from "./command.ts";
import { deviceOption } from "./device_option.ts";
import { efficiencyHeader, efficiencyRow } from "./efficiency_table.ts";
import { addFlags, flagName, givenOptions } from "./option_flags.ts";
import { openDeviceAndTell } from "./open_device.ts";

/** What was measured, one JSON line each. */
const measurementsFile = "measurements.jsonl";

/** What is measured, if anything. */
const measuringOptions = {
  profile: {
    type: "choice",
    of: ["world", "real", "pretrained", "paper"],
    default: "paper",
    placeholder: "name",
    help:
      "whose shapes: GPT-2-Large's and GPT-2-small's (paper; about 25 minutes, 4.5 GB of disk, 10 GB of memory), or " +
      "those of the models that the other profiles steer",
  },
  small: {
    type: "boolean",
    default: false,
    help: "with --profile paper: the same systems with small shapes, in less than a minute",
  },
  ...deviceOption,
  ...efficiencyOptions,
} as const satisfies OptionTable;
const fileOptions = {
  from: {
    type: "text",
    placeholder: "file",
    help: "draw what `deno task bench:decode --json` printed, instead of measuring",
  },
  out: {
    type: "text",
    default: "runs/efficiency",
    placeholder: "dir",
    help: "folder for measurements, figure and table",
  },
  ...outputOptions,
} as const satisfies OptionTable;

/** `deno task reproduce efficiency`. */
export const efficiency = command(
  "efficiency",
  "Time a token against k (figure 6) and backbone calls a step (table 1), on random weights.",
)
  .action(async (_, command) => {
    const { from, out, overwrite } = settle(
      "reproduce efficiency",
      fileOptions,
      givenOptions(command, fileOptions),
    );
    const given = givenOptions(command, measuringOptions);
    const { profile = "paper", small, device = "cpu", ...options } = given;
    if (small && profile !== "paper") {
      command.error("error: option '--small' goes with --profile paper");
    }
    const [unused] = Object.keys(given) as (keyof typeof measuringOptions)[];
    if (from !== undefined && unused !== undefined) {
      const flag = flagName(unused, measuringOptions[unused]);
      command.error(`error: option '${flag}' cannot be used with --from, which measures nothing`);
    }
    await using _lock = await lockFolder(out);
    for (const name of from === undefined ? [measurementsFile, tableFile] : [tableFile]) {
      await keepFinished(join(out, name), overwrite);
    }
    const measurements: EfficiencyMeasurement[] = [];
    if (from !== undefined) measurements.push(...await readMeasurements(from));
    else {
      const signal = interruption();
      const opened = await openDeviceAndTell(device);
      const file = join(out, measurementsFile);
      const scale = efficiencyScales[small ? "small" : profile];
      console.log(efficiencyHeader);
      try {
        for await (
          const row of measureEfficiency(opened, {
            ...options,
            scale,
            signal,
          })
        ) {
          console.log(efficiencyRow(row));
          measurements.push(row);
          await writeAtomically(
            file,
            measurements.map((row) => JSON.stringify(row) + "\n").join(""),
          );
        }
      } catch (error) {
        if (!signal.aborted) throw error;
        throw new Interrupted(`Stopped; what was measured by then is in '${file}'.`);
      }
    }
    const { figure, methods, table } = await writeEfficiencyReport(measurements, out);
    const figures = [figure, ...(methods ? [methods] : [])].map(({ svg }) => svg).join(", ");
    console.log(`Figures: ${figures}   Table: ${table.markdown}`);
  });

addFlags(efficiency, fileOptions);
addFlags(efficiency.optionsGroup("Measuring:"), measuringOptions);
