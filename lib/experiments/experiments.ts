import { checkArgument } from "../options/settle.ts";
import type { Stage } from "../stages/stage.ts";
import { comparison } from "./comparison.ts";
import { type OptimumPlan, planOptimum } from "./optimum_comparison.ts";
import { type PointPlan, pointsOf } from "./points.ts";
import type { Profile, Task, TaskName } from "./profile.ts";
import { efficiencyStage } from "./stages/efficiency_stage.ts";
import { rewardMatrix } from "./stages/reward_matrix_stage.ts";

/** What can be reproduced. */
export const experimentNames = ["detox", "sentiment", "ablation", "optimum", "efficiency"] as const;
/** One of them. */
export type ExperimentName = typeof experimentNames[number];

/** A comparison of systems in one task, with all that was generated for it. */
export interface ComparisonPlan {
  readonly task: Task;
  readonly points: readonly PointPlan[];
  /** The name of the system that the others' curves are compared with. */
  readonly reference: string;
  readonly result: Stage;
}

/** The rewards of one model over the whole vocabulary. */
export interface RewardMatrixPlan {
  /** The system's title. */
  readonly system: string;
  readonly result: Stage;
}

/** The stages of the experiments that are asked for. */
export interface ExperimentPlan {
  readonly comparisons: Readonly<
    Partial<Record<"detox" | "sentiment" | "ablation", ComparisonPlan>>
  >;
  readonly rewardMatrices: readonly RewardMatrixPlan[];
  /** All systems beside the best that is possible. */
  readonly optimum?: OptimumPlan;
  readonly efficiency?: Stage;
  /** All that has to be there for the report. */
  readonly results: readonly Stage[];
}

/**
 * Plans experiments with a profile's models and data.
 *
 * @throws {TypeError | RangeError} one sentence, if what is wanted is no list of experiments, or the comparison with the optimum
 *   alone of a profile that has none.
 */
export function planExperiments(
  profile: Profile,
  wanted: readonly ExperimentName[],
): ExperimentPlan {
  const names = { type: "list", of: { type: "choice", of: experimentNames } } as const;
  checkArgument("planExperiments", "wanted", names, wanted);
  const comparisons: Partial<Record<"detox" | "sentiment" | "ablation", ComparisonPlan>> = {};
  const compare = (name: TaskName, ablation: boolean): ComparisonPlan => {
    const task = profile.tasks[name];
    const points = pointsOf(profile, task, ablation ? task.ablation : task.systems);
    const reference = ablation ? "arm-distilled" : "rad";
    const title = `Comparing the systems of ${ablation ? "the ablation" : name}`;
    return { task, points, reference, result: comparison(title, task, points, reference) };
  };
  if (wanted.includes("detox")) comparisons.detox = compare("detox", false);
  if (wanted.includes("sentiment")) comparisons.sentiment = compare("sentiment", false);
  if (wanted.includes("ablation")) comparisons.ablation = compare("detox", true);
  const rewardMatrices = wanted.includes("ablation") ? rewardMatricesOf(profile) : [];
  // among all experiments a profile may lack it
  const hasOptimum = wanted.includes("optimum") && (profile.optimum || wanted.length === 1);
  const optimum = hasOptimum ? planOptimum(profile) : undefined;
  const { scale, seconds, options } = profile.efficiency ??
    { scale: profile.name, seconds: 60, options: {} };
  const efficiency = wanted.includes("efficiency")
    ? efficiencyStage(scale, seconds, options)
    : undefined;
  return {
    comparisons,
    rewardMatrices,
    optimum,
    efficiency,
    results: [
      ...Object.values(comparisons).map(({ result }) => result),
      ...rewardMatrices.map(({ result }) => result),
      ...(optimum ? [optimum.result] : []),
      ...(efficiency ? [efficiency] : []),
    ],
  };
}

/** The teacher and the models of the ablation, rated over the whole vocabulary after prefixes of unsteered texts. */
function rewardMatricesOf(profile: Profile): RewardMatrixPlan[] {
  const task = profile.tasks.detox;
  const [seed] = profile.seeds;
  const unsteered = pointsOf(profile, task, []);
  const { label } = task;
  const { prefixes, byTeacher } = profile.ratedVocabulary ?? { prefixes: 200, byTeacher: true };
  const teacher = task.systems.filter(({ name }) => byTeacher && name === "rad");
  return [...teacher, ...task.ablation].flatMap(({ title, model }) =>
    model
      ? [{
        system: title,
        result: rewardMatrix(
          title,
          { model: model(seed), generations: unsteered[0].generations[0] },
          { label, prompts: 20, prefixes, seed: 0 },
          profile.secondsPerRewardMatrix ?? 10,
        ),
      }]
      : []
  );
}
