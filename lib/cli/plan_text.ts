import type { PlannedStage } from "../stages/stage_store.ts";

/** What a run would do: one line a stage, and the sums of what is not there yet. */
export function planText(planned: readonly PlannedStage[]): string {
  const missing = planned.filter(({ done }) => !done).map(({ stage }) => stage.cost);
  const sum = (of: (cost: { seconds: number; disk: number }) => number) =>
    missing.reduce((total, cost) => total + of(cost), 0);
  const lines = planned.map(({ stage, done, key }) =>
    `${done ? "done" : time(stage.cost.seconds).padStart(8)}  ${
      bytes(stage.cost.disk).padStart(8)
    }  ${key.slice(0, 8)}  ${stage.title}`
  );
  const lacks = new Set(planned.flatMap(({ done, stage }) => !done && stage.lacks || []));
  const memory = Math.max(0, ...missing.map(({ memory }) => memory));
  return [
    ...lines,
    `${missing.length} of ${planned.length} stages to do: about ${
      time(sum(({ seconds }) => seconds))
    } on 2 cores, ` +
    `${bytes(sum(({ disk }) => disk))} of disk, ${bytes(memory)} of memory.`,
    ...lacks,
  ].join("\n");
}

function time(seconds: number): string {
  return seconds < 90
    ? `${Math.ceil(seconds)} s`
    : seconds < 5400
    ? `${Math.ceil(seconds / 60)} min`
    : `${(seconds / 3600).toFixed(1)} h`;
}

function bytes(count: number): string {
  return count < 1e6
    ? `${Math.ceil(count / 1e3)} kB`
    : count < 1e9
    ? `${Math.ceil(count / 1e6)} MB`
    : `${(count / 1e9).toFixed(1)} GB`;
}
