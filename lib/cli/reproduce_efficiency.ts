import { join } from "node:path";
import { type EfficiencyMeasurement, measureEfficiency } from "../experiments/efficiency.ts";
import { efficiencyOptions } from "../experiments/efficiency_options.ts";
import { efficiencyScales } from "../experiments/efficiency_scales.ts";
import { readMeasurements, writeEfficiencyReport } from "../experiments/efficiency_report.ts";
import { writeAtomically } from "../files/atomic_write.ts";
import { deviceChoices } from "../runtime/device.ts";
import { makeFolder } from "../files/make_folder.ts";
import { choice, command, Interrupted, interruption } from "./command.ts";
import { efficiencyHeader, efficiencyRow } from "./efficiency_table.ts";
import { addFlags, flagName, givenOptions } from "./option_flags.ts";
import { openDeviceAndTell } from "./open_device.ts";

/** `deno task reproduce efficiency`. */
export const efficiency = command(
  "efficiency",
  "Time a token against k (figure 6) and backbone calls a step (table 1), on random weights.",
)
  .addOption(
    choice(
      "--profile <name>",
      "whose shapes: GPT-2-Large's and GPT-2-small's (paper; about 20 minutes, 4.5 GB of disk, 10 GB of memory), or " +
        "those of the models that the other profiles train",
      ["world", "real", "paper"],
    ).default("paper" as const),
  )
  .option(
    "--small",
    "with --profile paper: the same systems with small shapes, in less than a minute",
  )
  .option(
    "--from <file>",
    "draw what `deno task bench:decode --json` printed, instead of measuring",
  )
  .option("--out <dir>", "folder for measurements, figure and table", "runs/efficiency")
  .addOption(choice("--device <name>", "where to compute", deviceChoices).default("cpu" as const))
  .action(async (options, command) => {
    const { profile, small, from, out, device } = options;
    if (small && profile !== "paper") {
      command.error("error: option '--small' goes with --profile paper: the others are small");
    }
    const given = givenOptions(command, efficiencyOptions);
    const measuring = ["profile", "small", "device"].filter((name) =>
      command.getOptionValueSource(name) === "cli"
    );
    const [unused] = [...measuring, ...Object.keys(given)];
    if (from !== undefined && unused !== undefined) {
      const option = efficiencyOptions[unused as keyof typeof efficiencyOptions];
      const flag = option ? flagName(unused, option) : `--${unused}`;
      command.error(`error: option '${flag}' cannot be used with --from, which measures nothing`);
    }
    const measurements: EfficiencyMeasurement[] = [];
    if (from !== undefined) measurements.push(...await readMeasurements(from));
    else {
      const signal = interruption();
      const opened = await openDeviceAndTell(device);
      await makeFolder(out);
      const file = join(out, "measurements.jsonl");
      const scale = efficiencyScales[small ? "small" : profile];
      console.log(efficiencyHeader);
      try {
        for await (
          const row of measureEfficiency(opened, {
            ...given,
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
    const { figure, table } = await writeEfficiencyReport(measurements, out);
    console.log(`Figure: ${figure.svg}   Table: ${table.markdown}`);
  });
addFlags(efficiency, efficiencyOptions);
