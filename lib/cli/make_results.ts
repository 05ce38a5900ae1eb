import type { StageAnswer } from "../engines/stage_process.ts";
import { LiveLines } from "../engines/live_lines.ts";
import { makeSideBySide } from "../engines/local.ts";
import { stateLines } from "../engines/run_state.ts";
import { linesIn } from "../files/stream_lines.ts";
import { makeStages } from "../stages/make_stages.ts";
import type { Stage, StageContext } from "../stages/stage.ts";
import type { StageStore } from "../stages/stage_store.ts";
import { ownCommand } from "./own_command.ts";
import { print } from "./print.ts";

/** Makes all results on this machine, by so many processes at once. */
export async function makeResults(
  store: StageStore,
  results: readonly Stage[],
  context: StageContext,
  jobs: number,
): Promise<void> {
  const began = performance.now();
  const table = new LiveLines();
  const onStage = (stage: Stage, place: number, count: number) => {
    if (jobs > 1 && table.isShown) return;
    const minutes = ((performance.now() - began) / 60_000).toFixed(1).padStart(5);
    console.log(`${minutes} min  ${place}/${count}  ${stage.title}`);
  };
  if (jobs === 1) {
    await store.run(results, context, onStage);
    return;
  }
  await makeSideBySide(store, results, context, {
    jobs,
    command: [...await ownCommand(), "--stage", "-"],
    onStage,
    onChange: (state) => table.show((width) => stateLines(state, width)),
  });
}

/**
 * Makes single stages, as a job does: those that are named, or for `-` those that standard input names, with an answer for each. One
 * that fails holds up none of the others.
 *
 * @throws {Error} at the end, if stages that were named could not be made.
 */
export async function makeNamedStages(
  store: StageStore,
  results: readonly Stage[],
  context: StageContext,
  keys: readonly string[],
): Promise<void> {
  const isAsked = keys.join() === "-";
  const named = isAsked ? linesIn(Deno.stdin.readable) : keys;
  const errors: string[] = [];
  await makeStages(store, results, named, context, async (key, made) => {
    const error = await made.then(() => undefined, (error) => (error as Error).message);
    if (isAsked) print(JSON.stringify({ key, error } satisfies StageAnswer) + "\n");
    else console.log(`${key}  ${error ?? "is there"}`);
    if (error !== undefined) errors.push(error);
  });
  if (!isAsked && errors.length > 0) throw new Error(errors[0]);
}
