import type { Device } from "../runtime/device.ts";
import type { QueuedTask } from "./engine.ts";
import { before, computesOnDevice, keyOf } from "../stages/stage.ts";
import type { PlannedStage } from "../stages/stage_store.ts";

/** Stages that are submitted together, since they wait for the same. */
export interface JobGroup {
  readonly stages: PlannedStage[];
  /** Groups that have to be through before. */
  readonly after: Set<JobGroup>;
  /** Tasks of earlier submissions that have to be through before. */
  readonly afterTasks: Set<QueuedTask>;
}

/** Groups beyond which they are put together more coarsely. */
const mostGroups = 500;

/**
 * Puts stages into groups, each behind what its stages need: the shards of a stage are one, and every other stage is one by itself, so
 * that nothing waits for what it does not need. Where these are too many, all of a kind that wait for the same are one, but what
 * computes on no device is never among what does.
 *
 * @param stages in an order in which one can come after another.
 * @param queued the task that will make a stage, by its key, where one is under way already.
 */
export function jobGroups(
  stages: readonly PlannedStage[],
  queued: ReadonlyMap<string, QueuedTask>,
  device: Device,
): JobGroup[] {
  const parents = new Map<string, string>();
  for (const { key, stage } of stages) {
    for (const shard of stage.shards ?? []) parents.set(keyOf(shard, device), `shards of ${key}`);
  }
  const fine = grouped(stages, queued, device, ({ key }) => parents.get(key) ?? key);
  if (fine.length <= mostGroups) return fine;
  return grouped(
    stages,
    queued,
    device,
    ({ stage }, after) => `${stage.kind} ${computesOnDevice(stage)} ${after}`,
  );
}

function grouped(
  stages: readonly PlannedStage[],
  queued: ReadonlyMap<string, QueuedTask>,
  device: Device,
  nameOf: (stage: PlannedStage, after: string) => string,
): JobGroup[] {
  const groups = new Map<string, JobGroup>();
  const numbers = new Map<JobGroup, number>();
  const groupOf = new Map<string, JobGroup>();
  for (const planned of stages) {
    const needs = before(planned.stage).map((need) => keyOf(need, device));
    const after = new Set(needs.flatMap((key) => groupOf.get(key) ?? []));
    const afterTasks = new Set(needs.flatMap((key) => queued.get(key) ?? []));
    const tasks = [...afterTasks].map(({ id, task }) => `${id}_${task}`);
    const waits = [...[...after].map((group) => numbers.get(group)!), ...tasks].sort();
    const name = nameOf(planned, waits.join());
    const group = groups.get(name) ?? { stages: [], after, afterTasks };
    groups.set(name, group);
    numbers.set(group, numbers.get(group) ?? numbers.size);
    group.stages.push(planned);
    groupOf.set(planned.key, group);
  }
  return [...groups.values()];
}
