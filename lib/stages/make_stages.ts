import { before, inOrder, type Stage, type StageContext } from "./stage.ts";
import { StageInterrupted, type StageStore } from "./stage_store.ts";
import { delay } from "../delay.ts";

/** How often, and how many seconds apart, it is looked for results that another host has just written. */
const looks = 5;
const interval = 1;

/**
 * Makes single stages of a plan, one after the other: what a job does. Those that are there already are left alone.
 *
 * @param stages the plan's results.
 * @param keys which stages, by the hashes that name them.
 * @param onStage called before a stage is made or found.
 * @throws {Error} if there is no such stage, it lacks something, or what it needs is not there; what making it throws.
 */
export async function makeStages(
  store: StageStore,
  stages: readonly Stage[],
  keys: AsyncIterable<string> | Iterable<string>,
  context: StageContext,
  onStage: (key: string, made: Promise<void>) => Promise<void> = (_, made) => made,
): Promise<void> {
  const planned = inOrder(stages, context.device);
  for await (const key of keys) {
    if (context.signal.aborted) throw new StageInterrupted("The run was stopped.");
    await onStage(key, makeStage(store, planned.get(key), key, context));
  }
}

async function makeStage(
  store: StageStore,
  stage: Stage | undefined,
  key: string,
  context: StageContext,
): Promise<void> {
  if (!stage) {
    throw new Error(
      `There is no stage '${key}' in this plan: give the command line, the data and the version of the code that planned it.`,
    );
  }
  const wanted = [...before(stage), stage];
  for (let look = 1;; look++) {
    const there = await store.areThere(wanted, context);
    if (there.at(-1)) return;
    if (there.slice(0, -1).every(Boolean)) break;
    if (look === looks) {
      const first = wanted[there.indexOf(false)];
      throw new Error(
        `Cannot make '${stage.title}': what it needs is not there: '${first.title}'.`,
      );
    }
    await delay(1000 * interval, context.signal);
  }
  if (stage.lacks !== undefined) throw new Error(stage.lacks);
  await store.make(stage, context);
}
