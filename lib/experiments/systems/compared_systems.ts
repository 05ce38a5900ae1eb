import type { Stage } from "../../stages/stage.ts";
import { guidedSystem } from "./guided_system.ts";
import type { System } from "./system.ts";

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

/** What makes an ARM that is distilled from the teacher, for a seed of training. */
type Student = (
  name: string,
  settings?: { readonly regularizer?: number; readonly baseline?: boolean },
) => Model;

/** The distilled ARM and those of the ablation. */
export function studentModels(
  student: Student,
): Pick<AblatedModels, "distilled" | "noRegularizer" | "noBaseline"> {
  return {
    distilled: student("an ARM, distilled"),
    noRegularizer: student("an ARM without regularizer", { regularizer: 0 }),
    noBaseline: student("an ARM without regularizer and baseline", {
      regularizer: 0,
      baseline: false,
    }),
  };
}

/** The systems of the paper and of its ablation, by the names that its tables have here. */
export const paperSystems = {
  rad: { title: "RAD", method: "rad" },
  "arm-distilled": { title: "ARM, distilled", method: "arm" },
  "arm-labels": { title: "ARM, labels only", method: "arm" },
  "arm-no-regularizer": { title: "no regularizer", method: "arm" },
  "arm-no-baseline": { title: "no regularizer, no baseline", method: "arm" },
  "arm-labels-no-regularizer": { title: "labels only, no regularizer", method: "arm" },
} as const;

/** A system of the paper, steered by this model. */
export function paperSystem(
  name: keyof typeof paperSystems,
  betas: readonly number[],
  model: Model,
): System {
  return guidedSystem({ name, ...paperSystems[name], betas }, model);
}

/** What figures 2 and 3 compare: RAD, an ARM distilled from it, and an ARM on the labels alone. */
export function comparedSystems(
  { rad, distilled, labels }: ComparedModels,
  betas: readonly number[],
): System[] {
  return [
    paperSystem("rad", betas, rad),
    paperSystem("arm-distilled", betas, distilled),
    paperSystem("arm-labels", betas, labels),
  ];
}

/** What figure 4 compares. */
export function ablatedSystems(
  { distilled, noRegularizer, noBaseline, labels }: AblatedModels,
  betas: readonly number[],
): System[] {
  return [
    paperSystem("arm-distilled", betas, distilled),
    paperSystem("arm-no-regularizer", betas, noRegularizer),
    paperSystem("arm-no-baseline", betas, noBaseline),
    paperSystem("arm-labels", betas, labels),
  ];
}
