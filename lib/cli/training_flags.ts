import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { OptionTable } from "../options/option.ts";
import { type DeviceChoice, deviceChoices } from "../runtime/device.ts";
import { adamWOptions } from "../train/adamw_options.ts";
import { loraOptions } from "../train/lora_options.ts";
import { scheduleOptions } from "../train/schedule.ts";
import { choice } from "./command.ts";
import { addFlags } from "./option_flags.ts";

/** What stands under "Training:" in the help; `out` is among the data, and the rest under "Run:". */
const ofTraining = [
  ...Object.keys(loraOptions),
  "epochs",
  "maxSteps",
  "batchSize",
  "accumulationSteps",
  "recompute",
  ...Object.keys(scheduleOptions),
  ...Object.keys(adamWOptions),
  "seed",
];
const ofRuns = [
  "holdOut",
  "evaluateEvery",
  "checkpointEvery",
  "resume",
  "overwrite",
  "keepOptimizer",
];

/** Gives a command the flags that every kind of training has, from the table of its function, and `--device`. */
export function addTrainingFlags(command: CommandUnknownOpts, table: OptionTable): void {
  addFlags(command.optionsGroup("Training:"), table, { only: ofTraining });
  addFlags(command.optionsGroup("Run:"), table, { only: ofRuns });
  command.addOption(choice("--device <name>", "where to compute (default: auto)", deviceChoices));
}

/** The device that the user chose, if any. */
export function chosenDevice(command: CommandUnknownOpts): DeviceChoice | undefined {
  return command.opts().device as DeviceChoice | undefined;
}
