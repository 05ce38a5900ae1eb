import type { Stage } from "../stages/stage.ts";
import { type Profile, type System, systemNames, type Task } from "./profile.ts";
import { generation } from "./stages/generation_stage.ts";

/** One system at one strength, continuing one set of prompts: a point of the figures. */
export interface PointPlan {
  readonly system: System["name"] | "unsteered";
  readonly prompts: string;
  readonly beta: number;
  /** One entry a seed. */
  readonly generations: readonly Stage[];
  readonly measurements: readonly Stage[];
}

/** All points of some systems, the unsteered base model's first. */
export function pointsOf(profile: Profile, task: Task, systems: readonly System[]): PointPlan[] {
  return Object.entries(task.prompts).flatMap(([set, prompts]) => {
    const point = (system: System | undefined, beta: number): PointPlan => {
      const generations = profile.seeds.map((seed) => {
        const name = `${system ? `${systemNames[system.name]}, β = ${beta}` : "unsteered"}`;
        const settings = {
          topK: profile.topK,
          samples: profile.samples,
          maxNewTokens: profile.maxNewTokens,
          seed,
        };
        const { base, label, inverse } = task;
        if (!system) {
          return generation(
            `${name}, ${set} prompts`,
            { base, prompts },
            settings,
            0.4 * profile.secondsPerPoint,
          );
        }
        return generation(
          `${task.name}, ${name}, ${set} prompts`,
          { base, prompts, model: system.model(seed) },
          { ...settings, steering: { label, beta, inverse } },
          profile.secondsPerPoint,
        );
      });
      return {
        system: system?.name ?? "unsteered",
        prompts: set,
        beta,
        generations,
        measurements: generations.map(task.measure),
      };
    };
    return [
      point(undefined, 0),
      ...systems.flatMap((system) => system.betas.map((beta) => point(system, beta))),
    ];
  });
}
