import { bar, count, duration, shortened } from "../progress.ts";

/** How a run of many stages stands. */
export interface RunState {
  readonly total: number;
  readonly done: number;
  /** Seconds that those that are done took by estimate, and all. */
  readonly doneCost: number;
  readonly totalCost: number;
  /** Seconds since the run began. */
  readonly elapsed: number;
  /** What is made at this moment, and since how many seconds. */
  readonly running: readonly { readonly title: string; readonly seconds: number }[];
  readonly failed: readonly { readonly title: string; readonly error: string }[];
}

/** Failed stages that are shown with their reasons. */
const mostFailed = 5;

/** The state as lines of at most so many characters: counts, rate and estimate, then what runs and what failed. */
export function stateLines(state: RunState, width: number): string[] {
  const { total, done, doneCost, totalCost, elapsed, running, failed } = state;
  const share = totalCost > 0 ? doneCost / totalCost : done / total;
  const parts = [
    `Stages ${bar(share)} ${Math.floor(100 * share)}%`,
    `${done} of ${total} done`,
    `${running.length} running`,
    `${failed.length} failed`,
    `${count(60 * done / Math.max(elapsed, 1))} stages/min`,
    share > 0
      ? `${duration(elapsed)}, about ${duration(elapsed / share - elapsed)} left`
      : duration(elapsed),
  ];
  return [
    parts.join(" · "),
    ...running.map(({ title, seconds }) => `  ${duration(seconds).padStart(7)}  ${title}`),
    ...failed.slice(-mostFailed).map(({ title, error }) => `   failed  ${title}: ${error}`),
  ].map((line) => shortened(line, width));
}
