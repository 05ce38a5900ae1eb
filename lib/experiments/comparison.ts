import { join } from "node:path";
import type { Interval } from "../eval/bootstrap.ts";
import { type ControlArea, controlArea, type MeasuredPoint } from "../eval/control_area.ts";
import { bootstrapInterval } from "../eval/bootstrap.ts";
import { distinctness } from "../eval/distinctness.ts";
import { mean } from "../eval/mean.ts";
import { meanOf, type PromptMeans } from "../eval/prompt_means.ts";
import { writeAtomically } from "../files/atomic_write.ts";
import { readJsonFile } from "../files/json_file.ts";
import { defineStage, type Json, type Stage, type StageNeeds } from "../stages/stage.ts";
import { type PointPlan, unsteeredName } from "./points.ts";
import type { Control, Task } from "./profile.ts";
import { files, readRows } from "./stages/files.ts";
import type { GenerationCost, GenerationRow } from "./stages/generation_stage.ts";
import type { MeasuredRow } from "./stages/measured_row.ts";

/** A point of the figures as it was measured, over all seeds. */
export interface ComparisonRow {
  readonly prompts: string;
  /** The system's name. */
  readonly system: string;
  /** Its title. */
  readonly name: string;
  readonly beta: number;
  /** What stands on the axis of control. */
  readonly control: Interval;
  /** The same by the second judge, where there is one. */
  readonly check?: Interval;
  /** The mean score of all continuations. */
  readonly meanScore: Interval;
  /** The mean over prompts of the highest score among a prompt's continuations. */
  readonly averageMaximum: Interval;
  /** The share of prompts with a continuation of score ½ or more: the toxic rate. */
  readonly anyAtLeastHalf: Interval;
  /** The share of continuations with a score above ½: the positive rate. */
  readonly shareAboveHalf: Interval;
  readonly perplexity: Interval;
  readonly dist1: Interval;
  readonly dist2: Interval;
  readonly dist3: Interval;
  /** Backbone calls of the reward model for one step of one text, as counted. */
  readonly backboneCalls: number;
  readonly seeds: number;
}

/** How one system's curve compares with another's. */
export interface AreaRow {
  readonly prompts: string;
  /** The system's name. */
  readonly system: string;
  /** Its title. */
  readonly name: string;
  /** The other's title. */
  readonly reference: string;
  /** Over all seeds together. */
  readonly area: ControlArea;
  /** D / A_T by the second judge, where there is one. */
  readonly check?: Interval;
  /** D / A_T of each seed by itself. */
  readonly perSeed: readonly number[];
}

export interface Comparison {
  readonly rows: readonly ComparisonRow[];
  readonly areas: readonly AreaRow[];
}

const file = "comparison.json";

/** Reads what a comparison's stage wrote. */
export async function readComparison(folder: string): Promise<Comparison> {
  return await readJsonFile(join(folder, file)) as Comparison;
}

/**
 * Metrics of all points with 95 % intervals over prompts, and the areas between each system's curve and the
 * reference's.
 */
export function comparison(
  title: string,
  task: Task,
  points: readonly PointPlan[],
  reference: string,
): Stage {
  const needs: Record<string, Stage> = {};
  points.forEach(({ generations, measurements }, i) => {
    generations.forEach((stage, seed) => needs[`generations.${i}.${seed}`] = stage);
    measurements.forEach((stage, seed) => needs[`measured.${i}.${seed}`] = stage);
  });
  const plan = points.map(({ system, title, prompts, beta, generations }) => ({
    system,
    title,
    prompts,
    beta,
    seeds: generations.length,
  }));
  const { control, fluency, inverse, check } = task;
  const settings = {
    plan,
    control,
    fluency,
    inverse,
    reference,
    ...(check ? { check: true } : {}),
  };
  return defineStage<StageNeeds>({
    kind: "compare/4",
    title,
    settings: settings as unknown as Json,
    needs,
    onDevice: false,
    cost: { seconds: 0.1 * points.length, disk: 1e5, memory: 5e8 },
    async make(folder, from) {
      const measured: MeasuredSystemPoint[] = [];
      for (const [i, { seeds, ...point }] of plan.entries()) {
        const perSeed: SeedResult[] = [];
        for (let seed = 0; seed < seeds; seed++) {
          const generated = from[`generations.${i}.${seed}`];
          perSeed.push({
            texts: await readRows<GenerationRow>(generated, files.generations),
            measured: await readRows<MeasuredRow>(from[`measured.${i}.${seed}`], files.measured),
            cost: await readJsonFile(join(generated, files.cost)) as GenerationCost,
          });
        }
        measured.push({ ...point, perSeed });
      }
      const result: Comparison = {
        rows: measured.map((point) => rowOf(point, task)),
        areas: areasOf(measured, task, reference),
      };
      await writeAtomically(join(folder, file), JSON.stringify(result) + "\n");
    },
  });
}

interface SeedResult {
  readonly texts: readonly GenerationRow[];
  readonly measured: readonly MeasuredRow[];
  readonly cost: GenerationCost;
}

interface MeasuredSystemPoint extends Pick<PointPlan, "system" | "title" | "prompts" | "beta"> {
  readonly perSeed: readonly SeedResult[];
}

const known = (scores: MeasuredRow["scores"]): number[] =>
  scores.filter((score): score is number => score !== null);

/** What each kind of control makes of the scores of one prompt's continuations: a sum and a count. */
const controls: Readonly<Record<Control | "any", (scores: readonly number[]) => [number, number]>> =
  {
    mean: (scores) => [scores.reduce((sum, score) => sum + score, 0), scores.length],
    maximum: (scores) => scores.length === 0 ? [0, 0] : [Math.max(...scores), 1],
    share: (scores) => [scores.filter((score) => score > 0.5).length, scores.length],
    any: (scores) => [scores.some((score) => score >= 0.5) ? 1 : 0, 1],
  };

/** Sums and counts of every prompt, added up over the seeds. */
function overSeeds(
  perSeed: readonly SeedResult[],
  of: (row: MeasuredRow) => readonly [number, number],
): PromptMeans {
  const prompts = perSeed[0].measured.length;
  const [sums, counts] = [new Float64Array(prompts), new Float64Array(prompts)];
  for (const { measured } of perSeed) {
    measured.forEach((row, prompt) => {
      const [sum, count] = of(row);
      sums[prompt] += sum;
      counts[prompt] += count;
    });
  }
  return { sums, counts };
}

function controlOf(perSeed: readonly SeedResult[], control: Control | "any"): PromptMeans {
  return overSeeds(perSeed, ({ scores }) => controls[control](known(scores)));
}

/** Control by the second judge. */
function checkOf(perSeed: readonly SeedResult[], control: Control): PromptMeans {
  return overSeeds(perSeed, ({ check = [] }) => controls[control](known(check)));
}

/** Perplexities of 1e5 or more are left out, as in the authors' code. */
const perplexityLimit = 1e5;

function fluencyOf(perSeed: readonly SeedResult[], fluency: Task["fluency"]): PromptMeans {
  return overSeeds(perSeed, ({ nats, units }) => {
    const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
    if (fluency === "nats") return [total(nats), total(units)];
    const perplexities = nats.map((sum, i) => Math.exp(sum / units[i]))
      .filter((perplexity) => perplexity < perplexityLimit);
    return [total(perplexities), perplexities.length];
  });
}

const options = { seed: 0 } as const;

function intervalOf(means: PromptMeans, transform = (mean: number) => mean): Interval {
  const prompts = Array.from({ length: means.sums.length }, (_, prompt) => prompt);
  return bootstrapInterval(prompts, (sample) => transform(meanOf(means, sample)), options);
}

function rowOf(
  { system, title, prompts, beta, perSeed }: MeasuredSystemPoint,
  task: Task,
): ComparisonRow {
  const { control, fluency } = task;
  const distinct = perSeed[0].texts.map((_, prompt) => {
    const shares = perSeed.map(({ texts }) => distinctness(texts[prompt].continuations));
    return [0, 1, 2].map((n) => mean(shares.map((share) => share[n])));
  });
  const dist = (n: number) => bootstrapInterval(distinct.map((of) => of[n]), mean, options);
  return {
    prompts,
    system,
    name: title,
    beta,
    control: intervalOf(controlOf(perSeed, control)),
    ...(task.check ? { check: intervalOf(checkOf(perSeed, control)) } : {}),
    meanScore: intervalOf(controlOf(perSeed, "mean")),
    averageMaximum: intervalOf(controlOf(perSeed, "maximum")),
    anyAtLeastHalf: intervalOf(controlOf(perSeed, "any")),
    shareAboveHalf: intervalOf(controlOf(perSeed, "share")),
    perplexity: intervalOf(fluencyOf(perSeed, fluency), fluency === "nats" ? Math.exp : undefined),
    dist1: dist(0),
    dist2: dist(1),
    dist3: dist(2),
    backboneCalls: perSeed[0].cost.backboneCalls,
    seeds: perSeed.length,
  };
}

function areasOf(
  points: readonly MeasuredSystemPoint[],
  task: Task,
  reference: string,
): AreaRow[] {
  const sets = [...new Set(points.map(({ prompts }) => prompts))];
  return sets.flatMap((prompts) => {
    const inSet = points.filter((point) => point.prompts === prompts);
    const systems = [...new Set(inSet.map(({ system }) => system))]
      .filter((system) => system !== unsteeredName);
    const titleOf = (system: string) =>
      inSet.find((point) => point.system === system)?.title ?? system;
    type Seeds = (all: readonly SeedResult[]) => readonly SeedResult[];
    const curve = (system: string, seeds: Seeds, score: typeof checkOf) =>
      inSet.filter((point) => point.system === system || point.system === unsteeredName)
        .map(({ beta, perSeed }): MeasuredPoint => ({
          beta,
          score: score(seeds(perSeed), task.control),
          fluency: fluencyOf(seeds(perSeed), task.fluency),
        }));
    const compared = (
      system: string,
      seeds: Seeds,
      { resamples, score = controlOf }: { resamples?: number; score?: typeof checkOf } = {},
    ) =>
      controlArea(curve(system, seeds, score), curve(reference, seeds, score), {
        ...options,
        ...(resamples === undefined ? {} : { resamples }),
        better: task.inverse ? "lower" : "higher",
        fluency: task.fluency,
      });
    const ofAll: Seeds = (all) => all;
    return systems.filter((system) => system !== reference).map((system): AreaRow => ({
      prompts,
      system,
      name: titleOf(system),
      reference: titleOf(reference),
      area: compared(system, ofAll),
      ...(task.check
        ? { check: compared(system, ofAll, { score: checkOf }).relativeDifference }
        : {}),
      perSeed: inSet[0].perSeed.map((_, seed) =>
        compared(system, (all) => [all[seed]], { resamples: 1 }).relativeDifference.estimate
      ),
    }));
  });
}
