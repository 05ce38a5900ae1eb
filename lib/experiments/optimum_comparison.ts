import { join } from "node:path";
import type { Interval } from "../eval/bootstrap.ts";
import { type FrontierPoint, optimumFrontier, optimumGap } from "../eval/optimum.ts";
import { writeAtomically } from "../files/atomic_write.ts";
import { readJsonFile } from "../files/json_file.ts";
import { defineStage, type Json, type Stage, type StageNeeds } from "../stages/stage.ts";
import { claims } from "./claims.ts";
import { orderOf, type OrderRow } from "./orders.ts";
import { type PointPlan, pointsOf, samplingOf, unsteeredName } from "./points.ts";
import type { Profile, Task } from "./profile.ts";
import { files, readRows } from "./stages/files.ts";
import { generation, type GenerationCost, type GenerationRow } from "./stages/generation_stage.ts";
import type { MeasuredRow } from "./stages/measured_row.ts";

/** A system at one strength beside the optimum, over all seeds. */
export interface OptimumSystemRow extends Pick<PointPlan, "system" | "title" | "method" | "beta"> {
  /** The mean reward E_q[r]. */
  readonly reward: Interval;
  /** KL(q‖p), in nats a text; absent where it is not known how likely the system's texts are. */
  readonly divergence?: Interval;
  /** How many nats more it takes than the optimum for as much reward; absent where that cannot be told. */
  readonly gap?: Interval;
  /** The strength of that optimum. */
  readonly optimumBeta?: number;
  /** The share of its texts that were taken because tries ran out; absent where nothing is tried. */
  readonly exhausted?: number;
  /** Backbone calls beside the base model's for one step of one text, as counted. */
  readonly backboneCalls: number;
  /** Of one token, by the time that all of them took together. */
  readonly milliseconds: number;
}

/** All systems beside the optimum, for one set of prompts. */
export interface OptimumSet {
  readonly prompts: string;
  /** Unguided texts a prompt, which the optimum is estimated from. */
  readonly samples: number;
  readonly frontier: readonly FrontierPoint[];
  readonly rows: readonly OptimumSystemRow[];
  /** What papers claim of two of these systems, and what was found. */
  readonly orders: readonly OrderRow[];
}

/** The stages of a comparison with the optimum. */
export interface OptimumPlan {
  readonly task: Task;
  readonly result: Stage;
}

const file = "optimum.json";

/** Reads what a comparison with the optimum wrote. */
export async function readOptimum(folder: string): Promise<OptimumSet[]> {
  return await readJsonFile(join(folder, file)) as OptimumSet[];
}

/** The seed of the unguided texts that the optimum is estimated from: none of those that systems write with. */
const unguidedSeed = 1_000_003;

/**
 * Plans the comparison of all systems of a profile with the optimum, where the reward is the task's judgement of a text.
 *
 * @throws {RangeError} if the profile has none.
 */
export function planOptimum(profile: Profile): OptimumPlan {
  const { optimum, name, tasks, secondsPerPoint } = profile;
  if (!optimum) {
    throw new RangeError(
      `The profile '${name}' has no comparison with the optimum: choose another profile`,
    );
  }
  const task = tasks[optimum.task];
  const points = pointsOf(profile, task, [...task.systems, ...task.further ?? []]);
  const unguided = Object.entries(task.prompts).map(([set, prompts]) => {
    const written = generation(
      `unguided, ${optimum.samples} texts a prompt, ${set} prompts`,
      { base: task.base, prompts },
      { ...samplingOf(profile, unguidedSeed), samples: optimum.samples },
      0.2 * secondsPerPoint * optimum.samples / profile.samples,
    );
    return { set, measured: task.measure(written) };
  });
  return { task, result: comparedWithOptimum(task, points, unguided, optimum.samples) };
}

/** What was judged of unguided texts of one set of prompts. */
export interface Unguided {
  /** The set of prompts. */
  readonly set: string;
  readonly measured: Stage;
}

/**
 * All points beside the optimum.
 *
 * @param samples unguided texts a prompt.
 */
export function comparedWithOptimum(
  { name, inverse }: Pick<Task, "name" | "inverse">,
  points: readonly PointPlan[],
  unguided: readonly Unguided[],
  samples: number,
): Stage {
  const needs: Record<string, Stage> = {};
  unguided.forEach(({ measured }, i) => needs[`unguided.${i}`] = measured);
  points.forEach(({ generations, measurements }, i) => {
    generations.forEach((stage, seed) => needs[`generations.${i}.${seed}`] = stage);
    measurements.forEach((stage, seed) => needs[`measured.${i}.${seed}`] = stage);
  });
  const plan = points.map(({ generations, measurements: _, ...point }) => (
    { ...point, seeds: generations.length }
  ));
  const sets = unguided.map(({ set }) => set);
  return defineStage<StageNeeds>({
    kind: "optimum/3",
    title: `Comparing the systems of ${name} with the optimum`,
    settings: { plan, sets, samples, inverse, claims } as unknown as Json,
    needs,
    onDevice: false,
    cost: { seconds: 0.15 * points.length, disk: 1e5, memory: 5e8 },
    async make(folder, from) {
      const compared: OptimumSet[] = [];
      for (const [place, prompts] of sets.entries()) {
        const unguided = await rewardsIn(from[`unguided.${place}`], inverse);
        const rows: OptimumSystemRow[] = [];
        const written: WrittenPoint[] = [];
        for (const [i, { seeds, prompts: of, ...point }] of plan.entries()) {
          if (of !== prompts) continue;
          const perSeed: SeedTexts[] = [];
          for (let seed = 0; seed < seeds; seed++) {
            const generated = from[`generations.${i}.${seed}`];
            perSeed.push({
              rewards: await rewardsIn(from[`measured.${i}.${seed}`], inverse),
              texts: await readRows<GenerationRow>(generated, files.generations),
              cost: await readJsonFile(join(generated, files.cost)) as GenerationCost,
            });
          }
          const texts = joined(perSeed, unguided.length);
          rows.push({ ...point, ...besideOptimum(perSeed, texts, unguided) });
          if (texts.isKnown) written.push({ ...point, ...texts });
        }
        const orders = ordersOf(written);
        compared.push({ prompts, samples, frontier: optimumFrontier(unguided), rows, orders });
      }
      await writeAtomically(join(folder, file), JSON.stringify(compared) + "\n");
    },
  });
}

/** Rewards of every text, prompt by prompt; NaN where there is no score. */
async function rewardsIn(measured: string, inverse: boolean): Promise<number[][]> {
  const rows = await readRows<MeasuredRow>(measured, files.measured);
  return rows.map(({ scores }) =>
    scores.map((score) => score === null ? NaN : inverse ? 1 - score : score)
  );
}

/** What one seed's model wrote. */
interface SeedTexts {
  readonly rewards: readonly number[][];
  readonly texts: readonly GenerationRow[];
  readonly cost: GenerationCost;
}

/** A system's texts of all seeds, prompt by prompt. */
interface JoinedTexts {
  readonly rewards: readonly (readonly number[])[];
  /** 0 where they are not known. */
  readonly logRatios: readonly (readonly number[])[];
  /** Whether it is known how likely the texts are. */
  readonly isKnown: boolean;
}

interface WrittenPoint extends JoinedTexts, Pick<PointPlan, "system" | "title" | "beta"> {}

function joined(perSeed: readonly SeedTexts[], prompts: number): JoinedTexts {
  const each = <T>(of: (seed: SeedTexts, prompt: number) => readonly T[]) =>
    Array.from({ length: prompts }, (_, prompt) => perSeed.flatMap((seed) => of(seed, prompt)));
  return {
    rewards: each(({ rewards }, prompt) => rewards[prompt]),
    logRatios: each(({ rewards, texts }, prompt) =>
      texts[prompt].logRatios ?? rewards[prompt].map(() => 0)
    ),
    isKnown: perSeed.every(({ texts }) => texts.every(({ logRatios }) => logRatios)),
  };
}

/** A system's texts of all seeds beside the optimum. */
function besideOptimum(
  perSeed: readonly SeedTexts[],
  { isKnown, ...texts }: JoinedTexts,
  unguided: readonly number[][],
): Omit<OptimumSystemRow, "system" | "title" | "method" | "beta"> {
  const { reward, divergence, gap, beta } = optimumGap(texts, unguided);
  const sum = (of: (cost: GenerationCost) => number) =>
    perSeed.reduce((total, { cost }) => total + of(cost), 0);
  return {
    reward,
    ...(isKnown ? { divergence, gap, optimumBeta: beta } : {}),
    ...exhaustedIn(perSeed.flatMap(({ texts }) => texts)),
    backboneCalls: sum(({ backboneCalls }) => backboneCalls) / perSeed.length,
    milliseconds: 1000 * sum(({ seconds }) => seconds) / Math.max(1, sum(({ tokens }) => tokens)),
  };
}

/** The share of texts for which tries ran out, where it is told. */
function exhaustedIn(
  rows: readonly GenerationRow[],
): Pick<OptimumSystemRow, "exhausted"> {
  if (rows.every(({ exhausted }) => exhausted === undefined)) return {};
  const texts = rows.reduce((sum, { continuations }) => sum + continuations.length, 0);
  const taken = rows.reduce((sum, { exhausted = 0 }) => sum + exhausted, 0);
  return { exhausted: taken / Math.max(1, texts) };
}

/** What was found of the claims whose systems both are there. */
function ordersOf(points: readonly WrittenPoint[]): OrderRow[] {
  const bySystem = Map.groupBy(points, ({ system }) => system);
  const alone = bySystem.get(unsteeredName) ?? [];
  return claims.flatMap(({ paper, claimed, source, system, reference }) => {
    const [ours, theirs] = [bySystem.get(system), bySystem.get(reference)];
    if (!ours || !theirs) return [];
    return [{
      paper,
      claimed,
      source,
      system: ours[0].title,
      reference: theirs[0].title,
      ...orderOf([...alone, ...ours], [...alone, ...theirs]),
    }];
  });
}
