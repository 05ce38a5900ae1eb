import type { Stage } from "../stages/stage.ts";
import type { System } from "./profile.ts";

type Model = (seed: number) => Stage;

/** The models of one task, each for a seed of training. */
export interface ComparedModels {
  /** The teacher. */
  readonly rad: Model;
  readonly distilled: Model;
  readonly labels: Model;
}

/** Those of the ablation: the distilled model is the whole one. */
export interface AblatedModels extends ComparedModels {
  readonly noRegularizer: Model;
  readonly noBaseline: Model;
}

/** What figures 2 and 3 compare: RAD, an ARM distilled from it, and an ARM on the labels alone. */
export function comparedSystems(
  { rad, distilled, labels }: ComparedModels,
  betas: readonly number[],
): System[] {
  return [
    { name: "rad", betas, model: rad },
    { name: "arm-distilled", betas, model: distilled },
    { name: "arm-labels", betas, model: labels },
  ];
}

/** What figure 4 compares. */
export function ablatedSystems(
  { distilled, noRegularizer, noBaseline, labels }: AblatedModels,
  betas: readonly number[],
): System[] {
  return [
    { name: "arm-distilled", betas, model: distilled },
    { name: "arm-no-regularizer", betas, model: noRegularizer },
    { name: "arm-no-baseline", betas, model: noBaseline },
    { name: "arm-labels", betas, model: labels },
  ];
}
