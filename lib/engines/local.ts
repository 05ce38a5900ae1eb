import type { Stage, StageContext } from "../stages/stage.ts";
import { type PlannedStage, StageInterrupted, type StageStore } from "../stages/stage_store.ts";
import { Dependencies } from "./dependencies.ts";
import type { RunState } from "./run_state.ts";
import { StageProcess } from "./stage_process.ts";

/** How stages are made side by side. */
export interface SideBySide {
  /** How many processes there are. */
  readonly jobs: number;
  /** The program, with arguments, that makes the stages whose keys it reads. */
  readonly command: readonly string[];
  /** Called when something has changed, and every second. */
  readonly onChange?: (state: RunState) => void;
  /** Called when a stage is about to be made. */
  readonly onStage?: (stage: Stage, place: number, count: number) => void;
}

/**
 * Makes the results that are not there by several processes on this machine, of which each makes one stage after another as soon as
 * what it needs is there. The processor's threads are divided among them. A stage that fails holds up only those that need it.
 *
 * @throws {Error} before anything is made, if a stage that has to be made lacks something; at the end, if stages failed.
 * @throws {StageInterrupted} if the signal stopped the run.
 */
export async function makeSideBySide(
  store: StageStore,
  stages: readonly Stage[],
  context: StageContext,
  { jobs, command, onChange = () => {}, onStage = () => {} }: SideBySide,
): Promise<void> {
  const missing = await store.missing(stages, context);
  if (missing.length === 0) return;
  const dependencies = new Dependencies(missing, context.device);
  const count = Math.min(jobs, missing.length);
  const threads = Math.max(1, Math.floor(threadsInAll() / count));
  const began = performance.now();
  const running = new Map<string, { readonly title: string; readonly since: number }>();
  const failed: { title: string; error: string }[] = [];
  const costOf = (some: readonly PlannedStage[]) =>
    some.reduce((sum, { stage }) => sum + stage.cost.seconds, 0);
  const totalCost = costOf(missing);
  const done: PlannedStage[] = [];
  const tell = () => {
    const now = performance.now();
    onChange({
      total: missing.length,
      done: done.length,
      doneCost: costOf(done),
      totalCost,
      elapsed: (now - began) / 1000,
      running: [...running.values()].map(({ title, since }) => (
        { title, seconds: (now - since) / 1000 }
      )),
      failed,
    });
  };
  const timer = setInterval(tell, 1000);
  let wake = Promise.withResolvers<void>();
  const changed = () => {
    wake.resolve();
    wake = Promise.withResolvers();
    tell();
  };

  const work = async (): Promise<void> => {
    let process: StageProcess | undefined;
    try {
      while (!context.signal.aborted) {
        const next = dependencies.next();
        if (!next) {
          if (running.size === 0) return;
          await wake.promise;
          continue;
        }
        const { key, stage } = next;
        onStage(stage, done.length + failed.length + running.size + 1, missing.length);
        running.set(key, { title: stage.title, since: performance.now() });
        tell();
        process ??= new StageProcess(command, threads, context.signal);
        try {
          await process.make(key);
          done.push(next);
          dependencies.done(key);
        } catch (error) {
          if (!context.signal.aborted) {
            failed.push({ title: stage.title, error: (error as Error).message });
          }
          if (process.ended) process = undefined;
        }
        running.delete(key);
        changed();
      }
    } finally {
      changed();
      await process?.[Symbol.asyncDispose]();
    }
  };
  try {
    await Promise.all(Array.from({ length: count }, work));
  } finally {
    clearInterval(timer);
  }
  if (context.signal.aborted) throw new StageInterrupted("The run was stopped.");
  if (failed.length > 0) throw new Error(failureText(failed, missing.length - done.length));
}

function failureText(
  failed: readonly { readonly title: string; readonly error: string }[],
  open: number,
): string {
  const [{ title, error }] = failed;
  const others = failed.length === 1 ? "" : `, and ${failed.length - 1} more`;
  return `'${title}' failed: ${error}${others}; ${open} stages are still to be made.`;
}

/** Threads that this process may take. */
function threadsInAll(): number {
  const given = Number(Deno.env.get("OMP_NUM_THREADS"));
  return Number.isInteger(given) && given > 0 ? given : navigator.hardwareConcurrency;
}
