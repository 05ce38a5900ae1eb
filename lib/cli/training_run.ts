import type { Device, DeviceChoice } from "../runtime/device.ts";
import { type FitResult, hardlyLearnt, heldOut } from "../train/fit_result.ts";
import { lossesOfBatch, type MetricsRow } from "../train/metrics_row.ts";
import type { RunOptions } from "../train/training_options.ts";
import { memoryText } from "../train/training_memory.ts";
import type { Losses } from "../train/trainer.ts";
import { Interrupted, interruption } from "./command.ts";
import { openDeviceAndTell } from "./open_device.ts";

/**
 * Runs a training and tells the user where the model is and how good it became.
 *
 * @throws {Interrupted} if the user stopped it.
 */
export async function trainAndTell(
  out: string,
  choice: DeviceChoice | undefined,
  train: (
    device: Device,
    run: Pick<RunOptions, "out" | "signal" | "onStart" | "onStep">,
  ) => Promise<FitResult>,
): Promise<void> {
  const device = await openDeviceAndTell(choice);
  let last: MetricsRow | undefined;
  const result = await train(device, {
    out,
    signal: interruption(),
    onStart: (memory) => console.error(memoryText(memory)),
    onStep: (row) => last = row,
  });
  const { steps, finished, keptFinished, evaluation, evaluatedTexts, constantLosses } = result;
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
  const lines: [name: string, losses: Losses | undefined][] = [
    ["Last batch", lossesOfBatch(last)],
    [heldOut(evaluatedTexts), evaluation],
    ["Constant prediction", constantLosses],
  ];
  const given = lines.filter(([, losses]) => losses);
  const width = Math.max(...given.map(([name]) => name.length));
  for (const [name, losses] of given) {
    console.log(`${`${name}:`.padEnd(width + 1)} ${shown(losses!)}`);
  }
  const problem = hardlyLearnt(result);
  if (problem) console.log(`${problem}.`);
  if (result.wentOn) console.log(`It went on from ${result.wentOn}.`);
  console.log(`The model is in '${out}', after ${steps} steps.`);
}

function shown(losses: Losses): string {
  return Object.entries(losses).map(([name, value]) => `${name} ${value.toFixed(4)}`).join(", ");
}
