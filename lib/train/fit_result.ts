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
  /** Where a run with more epochs or steps than its folder's finished one went on, and in what settings they differ. */
  readonly wentOn?: string;
  /** How long this took, without what a run that it resumed took. */
  readonly seconds: number;
  /** The losses of the last step, if there was one. */
  readonly losses?: Losses;
  /** The last evaluation on held-out texts, if there was one. */
  readonly evaluation?: Losses;
  /** How many texts these are. */
  readonly evaluatedTexts?: number;
  /**
   * The losses of one prediction for all these texts, which has learnt nothing of what they say: the mean label (or the mean
   * of a teacher's rewards), or how often each token occurs.
   */
  readonly constantLosses?: Losses;
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
  { steps, finished, keptFinished, seconds, folder, ...result }: FitResult,
): MediaBundle {
  const { losses, evaluation, evaluatedTexts, constantLosses } = result;
  const ended = steps === 0 ? "it had ended before" : "yes";
  const stopped = steps === 0
    ? "no, stopped before the first step"
    : "no, stopped: run it again with resume: true to go on" +
      (keptFinished ? "; the folder's model is the finished one from before" : "");
  const rows: [name: string, value: string][] = [
    ["Steps", steps.toLocaleString("en-US")],
    ["Finished", finished ? ended : stopped],
    ...(result.wentOn ? [["Went on from", result.wentOn] as [string, string]] : []),
    ["Time", `${seconds.toFixed(1)} s`],
    ...lossRows("Last batch", losses),
    ...lossRows(heldOut(evaluatedTexts), evaluation),
    ...lossRows("Constant prediction", constantLosses),
    ...(hardlyLearnt(result) ? [["Learnt", hardlyLearnt(result)!] as [string, string]] : []),
    ...(folder === undefined ? [] : [["Folder", folder] as [string, string]]),
  ];
  return tableLook({ title: "Training", facts: rows });
}

/** How much lower than the constant's a loss has to be. */
const least = 0.02;

/**
 * What to say of a model that is no better on held-out texts than one prediction for all of them, and what to try.
 *
 * @returns undefined if it is better, or if that is not known.
 */
export function hardlyLearnt(
  { losses, evaluation, constantLosses }: Pick<
    FitResult,
    "losses" | "evaluation" | "constantLosses"
  >,
): string | undefined {
  if (!evaluation || !constantLosses) return undefined;
  const better = (of: Losses) =>
    Object.entries(constantLosses).every(([name, loss]) =>
      !(name in of) || of[name] < (1 - least) * loss
    );
  if (better(evaluation)) return undefined;
  const what = "On held-out texts the model is no better than one prediction for all";
  return losses && better(losses)
    ? `${what}, though on its training texts it is: give it more texts, or fewer epochs`
    : `${what}: give it more texts or epochs, or another learning rate`;
}

/** What the losses of held-out texts are called. */
export function heldOut(texts: number | undefined): string {
  return texts === undefined ? "Held-out texts" : `${texts.toLocaleString("en-US")} held-out texts`;
}

function lossRows(of: string, losses: Losses | undefined): [name: string, value: string][] {
  return Object.entries(losses ?? {}).map(([name, value]) => [`${of}, ${name}`, value.toFixed(4)]);
}
