import { createHash } from "node:crypto";
import type { Device } from "../runtime/device.ts";

/** What JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | {
  readonly [key: string]: Json;
};

/** What making a stage's result takes, by a rough estimate for 2 cores. */
export interface Cost {
  readonly seconds: number;
  /** Bytes that its result takes on the disk. */
  readonly disk: number;
  /** Bytes of memory while it is made. */
  readonly memory: number;
}

/** What a stage may use beside the results it needs. */
export interface StageContext {
  readonly device: Device;
  /** Aborted when the user stops the run. */
  readonly signal: AbortSignal;
}

/**
 * A step of an experiment, as a function of its settings and of other stages' results. Its result is a folder, which
 * is named by a hash of all that it depends on: so it is made once, and again only when something of that changes.
 */
export interface Stage<Needs extends StageNeeds = StageNeeds> {
  /** What kind of step it is, with a version that changes when its code gives another result: `"generate/1"`. */
  readonly kind: string;
  /** What the user is told while it runs. */
  readonly title: string;
  /** All that the result depends on, beside what the stage needs. */
  readonly settings: Json;
  /** The stages whose results it reads, by the names it has for them. */
  readonly needs: Needs;
  readonly cost: Cost;
  /** What is lacking to make it, as a sentence: a run that would come to it says so before it begins. */
  readonly lacks?: string;
  /** Whether it fetches something, so that it is made where there is a network. Default false. */
  readonly fetches?: true;
  /** Whether it computes on the device; otherwise a machine that has none can make it. Default true. */
  readonly onDevice?: false;
  /** How many rows its result has at most, where its settings say so. */
  readonly rows?: number;
  /** How its work divides. Default: it does not. */
  readonly division?: Division<Needs>;
  /** What its result is merged from, where it was divided: `divided` says so. They are no part of its name. */
  readonly shards?: readonly Stage[];
  /**
   * Writes the result into a folder, which is empty, or holds what an earlier, interrupted call left there.
   *
   * @param from the folders of the results it needs.
   */
  make(
    folder: string,
    from: { readonly [name in keyof Needs]: string },
    context: StageContext,
  ): Promise<void>;
}

/** How a stage can be made in shards: ranges of its rows, of which each is a stage, and one that merges them. */
export interface Division<Needs extends StageNeeds = StageNeeds> {
  /** How many rows there are at most. */
  readonly rows: number;
  /** Rows that are computed in one go: a shard has whole ones, so that its numbers do not depend on how many shards there are. */
  readonly part: number;
  /** Writes the result of some rows into a folder, for `merge`. */
  make(
    folder: string,
    from: { readonly [name in keyof Needs]: string },
    context: StageContext,
    range: RowRange,
  ): Promise<void>;
  /** Writes what the stage by itself would write. @param shards the folders of all shards, in order. */
  merge(folder: string, shards: readonly string[]): Promise<void>;
}

/** Rows from the first up to another, which is left out; there may be fewer. */
export interface RowRange {
  readonly first: number;
  readonly until: number;
}

/** Stages by the names that another has for them. */
export type StageNeeds = Readonly<Record<string, Stage>>;

/** Declares a stage; the names of what it needs are checked where they are used. */
export function defineStage<const Needs extends StageNeeds>(stage: Stage<Needs>): Stage {
  return stage as unknown as Stage;
}

/** Keys of stages that were asked for, by the device's name: a stage has those of all that it needs in its own. */
const keys = new WeakMap<Stage, Map<string, string>>();

/** The hash that names a stage's result: of its kind, its settings, the device, and what it needs. */
export function keyOf(stage: Stage, device: Device): string {
  const known = keys.get(stage) ?? new Map<string, string>();
  keys.set(stage, known);
  const key = known.get(device.name) ?? hashOf(stage, device);
  known.set(device.name, key);
  return key;
}

function hashOf(stage: Stage, device: Device): string {
  const needs = Object.entries(stage.needs)
    .map(([name, need]) => [name, keyOf(need, device)])
    .sort(([a], [b]) => a < b ? -1 : 1);
  const text = JSON.stringify([stage.kind, sorted(stage.settings), device.name, needs]);
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

/** JSON with the keys of objects in alphabetical order, so that equal settings are equal texts. */
function sorted(json: Json): Json {
  if (Array.isArray(json)) return json.map(sorted);
  if (typeof json !== "object" || json === null) return json;
  const entries = Object.entries(json as Record<string, Json>);
  return Object.fromEntries(
    entries.sort(([a], [b]) => a < b ? -1 : 1).map(([key, value]) => [key, sorted(value)]),
  );
}

/** Whether a stage computes on the device: what only fetches, draws, merges or compares does not. */
export function computesOnDevice({ onDevice, fetches }: Stage): boolean {
  return onDevice !== false && !fetches;
}

/** What has to be there before a stage is made. */
export function before({ needs, shards = [] }: Stage): Stage[] {
  return [...Object.values(needs), ...shards];
}

/** The given stages and all that they need, each once and after what it needs. */
export function inOrder(stages: readonly Stage[], device: Device): Map<string, Stage> {
  const ordered = new Map<string, Stage>();
  const visit = (stage: Stage): void => {
    const key = keyOf(stage, device);
    if (ordered.has(key)) return;
    before(stage).forEach(visit);
    ordered.set(key, stage);
  };
  stages.forEach(visit);
  return ordered;
}
