import type { Profile, Task } from "../../lib/experiments/profile.ts";
import { worldProfile } from "../../lib/experiments/world_profile.ts";

const betas = [5, 10, 20, 40, 80];

/**
 * The world profile in seconds: tiny models, few texts, and prompts that are continued few at a time, so that there are many shards
 * of little work.
 *
 * @param prompts a multiple of 10, of which each shard has 10 at least.
 */
export function smallProfile(prompts: number): Profile {
  const profile = worldProfile({
    texts: 400,
    prompts,
    samples: 2,
    width: 16,
    layers: 1,
    effort: 0.5,
  });
  const { detox, sentiment } = profile.tasks;
  const smaller = (task: Task): Task => ({
    ...task,
    systems: task.systems.filter(({ name }) => name === "rad" || name === "arm-labels")
      .map((system) => ({ ...system, betas })),
  });
  return { ...profile, part: 10, tasks: { detox: smaller(detox), sentiment } };
}
