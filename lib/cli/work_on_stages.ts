import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { SettledOptions } from "../options/option.ts";
import type { Device, DeviceChoice } from "../runtime/device.ts";
import { divided } from "../stages/divided.ts";
import { computesOnDevice, inOrder, type Stage } from "../stages/stage.ts";
import { StageInterrupted, type StageStore } from "../stages/stage_store.ts";
import { Interrupted, interruption } from "./command.ts";
import { makeNamedStages, makeResults } from "./make_results.ts";
import { openDeviceAndTell } from "./open_device.ts";
import { planText } from "./plan_text.ts";
import { clusterOptions, type scaleOptions } from "./scale_options.ts";
import { submitResults } from "./submit_results.ts";

/** What the command was told of how stages are made. */
export type WorkOptions = SettledOptions<typeof scaleOptions> & { readonly dryRun: boolean };

/** Ends the command where options do not go together. */
export function checkWorkOptions(command: CommandUnknownOpts, options: WorkOptions): void {
  if (options.on) {
    if (options.jobs > 1) command.error("error: option '--jobs' goes without --on");
    return;
  }
  for (const name of clusterOptions) {
    if (options[name] === undefined) continue;
    command.error(`error: option '--${name === "maxJobs" ? "max-jobs" : name}' goes with --on`);
  }
}

/**
 * The device that stages are made on. One of a cluster's machines has its name only, since this machine may have none; a job tries it
 * where a stage computes on it.
 *
 * @throws {Error} if it cannot be used.
 */
export async function openWorkDevice(
  choice: DeviceChoice,
  { on }: WorkOptions,
): Promise<Device> {
  if (!on) return await openDeviceAndTell(choice);
  if (choice !== "auto") return { name: choice };
  throw new Error("Cannot tell which device jobs will have: give --device cpu, webgpu or cuda.");
}

/**
 * Makes stages, submits them, or shows the plan, as the options say.
 *
 * @returns whether all results are there.
 * @throws {Interrupted} if the user stopped it.
 */
export async function workOnStages(
  store: StageStore,
  whole: readonly Stage[],
  device: Device,
  options: WorkOptions,
): Promise<boolean> {
  const { dryRun, jobs, shards, stage, on } = options;
  const results = divided(whole, shards);
  if (dryRun && !on) {
    console.log(planText(await store.plan(results, { device })));
    return false;
  }
  const signal = interruption();
  const context = { device, signal };
  try {
    if (stage) {
      const planned = inOrder(results, device);
      const computes = stage.some((key) => {
        const named = planned.get(key);
        return !named || computesOnDevice(named);
      });
      const opened = on && computes ? await openDeviceAndTell(device.name) : device;
      await makeNamedStages(store, results, { device: opened, signal }, stage);
      return false;
    }
    if (on) return await submitResults(store, results, context, { ...options, on });
    await makeResults(store, results, context, jobs);
    return true;
  } catch (error) {
    if (!(error instanceof StageInterrupted) && !signal.aborted) throw error;
    throw new Interrupted(
      `Stopped; what was finished is in '${store.path}', and the same command goes on from there.`,
    );
  }
}
