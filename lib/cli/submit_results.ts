import { slurm, type SlurmSettings } from "../engines/slurm.ts";
import { type FailedStage, Submission, type SubmissionState } from "../engines/submission.ts";
import type { Stage, StageContext } from "../stages/stage.ts";
import type { StageStore } from "../stages/stage_store.ts";
import { ownCommand } from "./own_command.ts";

/** Stages that failed and are told one by one. */
const mostTold = 10;

/** The engines by name. A new one is a file of its own and a line here. */
const engines = { slurm } as const;

/** The engines' names. */
export const engineNames = Object.keys(engines) as (keyof typeof engines)[];

export interface SubmitOptions extends SlurmSettings {
  readonly on: keyof typeof engines;
  readonly maxJobs?: number;
  /** Only prints the scripts. */
  readonly dryRun: boolean;
}

/**
 * Submits what is not there and what nobody makes, and tells how all stands. What is to be fetched is fetched here, since machines that
 * compute have no network.
 *
 * @returns whether all results are there.
 */
export async function submitResults(
  store: StageStore,
  results: readonly Stage[],
  context: StageContext,
  { on, maxJobs, dryRun, ...settings }: SubmitOptions,
): Promise<boolean> {
  const engine = engines[on](settings);
  const command = (await ownCommand()).filter((word) => word !== "--dry-run");
  if (dryRun) {
    const asks = await engine.isHere();
    const submission = new Submission(store, engine, context, { asks });
    const state = await submission.state(results);
    if (!asks) {
      console.error(`No ${on} answers on this machine: nothing is known of what it has queued.`);
    }
    const onScript = (script: string) => console.log(script);
    // what fetches is never submitted
    const open = state.open.filter(({ stage }) => !stage.fetches);
    await submission.submit({ ...state, open }, {
      command,
      most: maxJobs,
      submits: false,
      onScript,
    });
    return false;
  }
  const submission = new Submission(store, engine, context);
  const missing = await store.missing(results, context);
  if (missing.length === 0) return true;
  for (const { stage } of missing.filter(({ stage }) => stage.fetches)) {
    console.log(stage.title);
    await store.make(stage, context);
  }
  using _alone = await submission.lock(context.signal);
  const state = await submission.state(results);
  console.log(stateText(state));
  for (const line of failureLines(state.failed)) console.log(line);
  const tasks = await submission.submit(state, { command, most: maxJobs });
  if (tasks > 0) {
    console.log(`Submitted ${state.open.length} stages as ${tasks} tasks to ${on}.`);
  }
  console.log("The same command tells how they stand, and writes the report when all are there.");
  return false;
}

function stateText({ total, done, running, waiting, failed, open }: SubmissionState): string {
  return [
    `${done} of ${total} stages done`,
    `${running.length} running`,
    `${waiting.length} waiting`,
    `${failed.length} failed`,
    `${open.length - failed.length} new`,
  ].join(", ") + ".";
}

function failureLines(failed: readonly FailedStage[]): string[] {
  const told = failed.slice(0, mostTold).map(({ stage, log }) => `failed  ${stage.title}: ${log}`);
  return failed.length > mostTold ? [...told, `and ${failed.length - mostTold} more`] : told;
}
