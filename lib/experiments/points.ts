import type { Stage } from "../stages/stage.ts";
import type { Profile, Task } from "./profile.ts";
import { generation } from "./stages/generation_stage.ts";
import type { SamplingSettings, System } from "./systems/system.ts";

/** What the base model by itself is called among the systems. */
export const unsteeredName = "unsteered";

/** One system at one strength, continuing one set of prompts: a point of the figures. */
export interface PointPlan {
  /** The system's name and title. */
  readonly system: string;
  readonly title: string;
  /** Its kind in the list of methods; the unsteered base model has none. */
  readonly method?: string;
  readonly prompts: string;
  readonly beta: number;
  /** One entry a seed. */
  readonly generations: readonly Stage[];
  readonly measurements: readonly Stage[];
}

/** All points of some systems, the unsteered base model's first. */
export function pointsOf(profile: Profile, task: Task, systems: readonly System[]): PointPlan[] {
  const { secondsPerPoint: seconds } = profile;
  const { base, label, inverse } = task;
  return Object.entries(task.prompts).flatMap(([set, prompts]) => {
    const samplings = profile.seeds.map((seed) => samplingOf(profile, seed));
    const measured = (
      generations: readonly Stage[],
      { name, title, method }: Pick<System, "name" | "title"> & { readonly method?: string },
      beta: number,
    ): PointPlan => ({
      system: name,
      title,
      method,
      prompts: set,
      beta,
      generations,
      measurements: generations.map(task.measure),
    });
    const alone = samplings.map((sampling) =>
      generation(`unsteered, ${set} prompts`, { base, prompts }, sampling, 0.4 * seconds)
    );
    return [
      measured(alone, { name: unsteeredName, title: unsteeredName }, 0),
      ...systems.flatMap((system) =>
        system.betas.map((beta) => {
          const title = `${task.name}, ${system.title}, β = ${beta}, ${set} prompts`;
          const generations = samplings.map((sampling) =>
            system.generate({
              title,
              base,
              prompts,
              sampling,
              steering: { label, beta, inverse },
              seconds,
            })
          );
          return measured(generations, system, beta);
        })
      ),
    ];
  });
}

/** How a profile draws continuations. */
export function samplingOf(
  { topK, samples, maxNewTokens, part }: Profile,
  seed: number,
): SamplingSettings {
  return { topK, samples, maxNewTokens, seed, ...(part === undefined ? {} : { part }) };
}
