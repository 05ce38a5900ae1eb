import type { Device, DeviceChoice } from "../runtime/device.ts";
import type { FitResult } from "../train/fit_result.ts";
import type { MetricsRow } from "../train/metrics_row.ts";
import type { RunOptions } from "../train/run.ts";
import { Interrupted, interruption } from "./command.ts";
import { openDeviceAndTell } from "./open_device.ts";

/**
 * Runs a training and tells the user where the model is and how good it became.
 *
 * @throws {Interrupted} if the user stopped it.
 */
export async function trainAndTell(
  out: string,
  choice: DeviceChoice,
  train: (
    device: Device,
    run: Pick<RunOptions, "out" | "signal" | "onStep">,
  ) => Promise<FitResult>,
): Promise<void> {
  const device = await openDeviceAndTell(choice);
  let last: MetricsRow | undefined;
  const { steps, finished, keptFinished, evaluation } = await train(device, {
    out,
    signal: interruption(),
    onStep: (row) => last = row,
  });
  if (!finished) {
    throw new Interrupted(
      steps === 0
        ? "Stopped before the first step."
        : `Stopped after step ${steps}, with a checkpoint and the ${
          keptFinished ? "finished model from before" : "model as it is by now"
        } in '${out}'; ` +
          "run the same command with --resume to go on.",
    );
  }
  if (!last) {
    console.log(`This run had ended before: its model is in '${out}'.`);
    return;
  }
  console.log(`The model is in '${out}', after ${steps} steps.`);
  console.log(`Last batch:     ${shown(lossesIn(last))}`);
  if (evaluation) console.log(`Held-out texts: ${shown(evaluation)}`);
}

/** What else a row of metrics holds. */
const notLosses = new Set(["step", "epoch", "rate", "tokens_per_second"]);

function lossesIn(row: MetricsRow): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).filter(([name]) => !notLosses.has(name) && !name.startsWith("eval_")),
  );
}

function shown(losses: Record<string, unknown>): string {
  return Object.entries(losses).map(([name, value]) => `${name} ${(value as number).toFixed(4)}`)
    .join(", ");
}
