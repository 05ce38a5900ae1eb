import { displayedAs, type MediaBundle } from "../notebook/display.ts";
import { tableLook } from "../notebook/table_look.ts";
import type { LossPoint } from "./loss_curve.ts";
import type { Losses } from "./trainer.ts";

/** How a run of training ended. */
export interface FitResult {
  /** How many steps the model has taken; 0 for a run that had ended before. */
  readonly steps: number;
  /** Whether the run came to its end, and was not stopped by its signal. */
  readonly finished: boolean;
  /**
   * Whether the folder's model is the one of a finished run from before, which a run that is stopped does not replace.
   * Default false.
   */
  readonly keptFinished?: boolean;
  /** How long this took, without what a run that it resumed took. */
  readonly seconds: number;
  /** The losses of the last step, if there was one. */
  readonly losses?: Losses;
  /** The last evaluation on held-out texts, if there was one. */
  readonly evaluation?: Losses;
  /** Where the model and its metrics are, if anywhere. */
  readonly folder?: string;
  /** The losses of the whole run, few enough to draw: `learningCurveChart(result.curve)`. */
  readonly curve: readonly LossPoint[];
}

/** A result that shows itself as a table in notebooks. */
export function fitResult(result: FitResult): FitResult {
  return displayedAs(result, () => look(result));
}

function look(
  { steps, finished, keptFinished, seconds, losses, evaluation, folder }: FitResult,
): MediaBundle {
  const ended = steps === 0 ? "it had ended before" : "yes";
  const stopped = steps === 0
    ? "no, stopped before the first step"
    : "no, stopped: run it again with resume: true to go on" +
      (keptFinished ? "; the folder's model is the finished one from before" : "");
  const rows: [name: string, value: string][] = [
    ["Steps", steps.toLocaleString("en-US")],
    ["Finished", finished ? ended : stopped],
    ["Time", `${seconds.toFixed(1)} s`],
    ...lossRows("Last batch", losses),
    ...lossRows("Held-out texts", evaluation),
    ...(folder === undefined ? [] : [["Folder", folder] as [string, string]]),
  ];
  return tableLook({ title: "Training", facts: rows });
}

function lossRows(of: string, losses: Losses | undefined): [name: string, value: string][] {
  return Object.entries(losses ?? {}).map(([name, value]) => [`${of}, ${name}`, value.toFixed(4)]);
}
