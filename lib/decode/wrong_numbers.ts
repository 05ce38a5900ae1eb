import { namedRows } from "../named_rows.ts";
import { NotFinite } from "../train/not_finite.ts";
import type { GuidedCandidates } from "./step.ts";

/** What a model gave that is no finite number. */
export interface WrongNumbers {
  /** The place of the model: 0 the base model, then the guides, then the models of a formula. */
  readonly model: number;
  readonly value: number;
  /** Rows of the step, rising. */
  readonly rows: readonly number[];
}

/**
 * The first model of a step that gave what is no finite number. A base model and the models of a formula may rule candidates out with
 * −∞, but the base model not all of a row.
 *
 * @param guides how many of the models that gave scores are guides.
 */
export function wrongNumbersIn(
  { logits, scores }: Pick<GuidedCandidates, "logits" | "scores">,
  guides: number,
): WrongNumbers | undefined {
  for (const [model, { dims: [rows], data }] of [logits, ...scores].entries()) {
    const mayRuleOut = model === 0 || model > guides;
    // quicker than a look at each number, and all that there is to do where they are right
    if (Number.isFinite(sumOf(data as Float32Array))) continue;
    const size = data.length / rows;
    const wrong = Array.from({ length: rows }, (_, row) => {
      const own = (data as Float32Array).subarray(row * size, (row + 1) * size);
      const value = own.find((x) => !Number.isFinite(x) && !(mayRuleOut && x === -Infinity));
      return value ?? (model === 0 && own.every((x) => x === -Infinity) ? -Infinity : undefined);
    });
    const value = wrong.find((value) => value !== undefined);
    if (value === undefined) continue;
    const at = wrong.flatMap((value, row) => value === undefined ? [] : [row]);
    return { model, value, rows: at };
  }
  return undefined;
}

/** What an error calls the model at a place. @param kinds those of the guides, and behind them of the formula's models. */
export function modelNamed(model: number, kinds: readonly string[], guides: number): string {
  if (model === 0) return "The base model";
  const kind = kinds[model - 1];
  if (model > guides) return `Model ${model - guides} of the formula (${kind})`;
  return guides === 1 ? `The reward model (${kind})` : `Reward model ${model} (${kind})`;
}

/**
 * Requires that what the models of a step gave is finite, where that has to be so.
 *
 * @param at which step it is, from 1; the models that rate, of which the first are guides; each row's prompt, from 1.
 * @throws {NotFinite} naming the model, the step and the prompts.
 */
export function requireNumbers(
  step: Pick<GuidedCandidates, "logits" | "scores">,
  at: {
    readonly step: number;
    readonly models: readonly { readonly kind: string }[];
    readonly guides: number;
    readonly promptOf: (row: number) => number;
  },
): void {
  const wrong = wrongNumbersIn(step, at.guides);
  if (!wrong) return;
  const { model, value, rows } = wrong;
  const named = modelNamed(model, at.models.map(({ kind }) => kind), at.guides);
  const prompts = [...new Set(rows.map(at.promptOf))].sort((a, b) => a - b);
  throw new NotFinite(
    `${named} gave ${value} at step ${at.step} for ${rows.length} of ${
      step.logits.dims[0]
    } texts, of prompt ${namedRows(prompts)}`,
    [],
    "check its weights",
  );
}

/** A sum is NaN or infinite where any of its terms is: those of float32 do not add up to more than a double holds. */
function sumOf(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum;
}
