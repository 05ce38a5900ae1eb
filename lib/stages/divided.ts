import type { Division, Json, Stage } from "./stage.ts";

/** What a stage that merges calls the folder of one of its shards. */
export function shardName(index: number): string {
  return `shard ${index}`;
}

/**
 * The same stages, with those that can be divided cut into shards, at most so many each. Results have the names, and the bytes, that
 * they have undivided; a shard is named by its rows, so that it is the same however many others there are.
 *
 * @param shards how many a stage is cut into; fewer where it has fewer parts.
 */
export function divided(stages: readonly Stage[], shards: number): Stage[] {
  const known = new Map<Stage, Stage>();
  const visit = (stage: Stage): Stage => {
    const seen = known.get(stage);
    if (seen) return seen;
    const needs = Object.fromEntries(
      Object.entries(stage.needs).map(([name, need]) => [name, visit(need)]),
    );
    const result = inShards({ ...stage, needs }, shards);
    known.set(stage, result);
    return result;
  };
  return stages.map(visit);
}

function inShards(stage: Stage, count: number): Stage {
  const { division } = stage;
  if (!division) return stage;
  const { rows } = division;
  const size = division.part * Math.ceil(rows / count / division.part);
  if (size >= rows) return stage;
  const shards: Stage[] = [];
  for (let first = 0; first < rows; first += size) {
    shards.push(shardOf(stage, division, first, Math.min(first + size, rows)));
  }
  return {
    ...stage,
    title: `Merging: ${stage.title}`,
    cost: { seconds: 1, disk: stage.cost.disk, memory: 2e8 },
    shards,
    onDevice: false,
    make: (folder, from) => division.merge(folder, shards.map((_, i) => from[shardName(i)])),
  };
}

function shardOf(stage: Stage, { rows, make }: Division, first: number, until: number): Stage {
  const [name, version] = stage.kind.split("/");
  const share = (until - first) / rows;
  const { seconds, disk, memory } = stage.cost;
  return {
    kind: `${name}-shard/${version}`,
    title: `${stage.title}, ${first + 1} to ${until}`,
    settings: { of: stage.settings, first, until } satisfies Json,
    needs: stage.needs,
    cost: { seconds: share * seconds, disk: share * disk, memory },
    ...(stage.lacks === undefined ? {} : { lacks: stage.lacks }),
    ...(stage.onDevice === undefined ? {} : { onDevice: stage.onDevice }),
    make: (folder, from, context) => make(folder, from, context, { first, until }),
  };
}
