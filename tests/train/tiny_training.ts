import { armHeadOf, radHeadOf } from "../head_sizes.ts";
import { Random } from "../../lib/random.ts";
import { gediObjective } from "../../lib/methods/gedi_objective.ts";
import { languageModelObjective } from "../../lib/train/language_model_objective.ts";
import type { Example, Objective, Part } from "../../lib/train/objective.ts";
import { armObjective } from "../../lib/methods/arm.ts";
import { fudgeObjective } from "../../lib/methods/fudge.ts";
import { radObjective } from "../../lib/methods/rad.ts";
import { Trainer, type TrainerOptions } from "../../lib/train/trainer.ts";
import { cpu } from "../run_graph.ts";
import { randomParameters, tinyBackbone, tinySpecs } from "../tiny_models.ts";

/** What the tiny models train on, by their names. */
export const tinyObjectives = {
  bosLm: languageModelObjective(tinyBackbone),
  arm: armObjective(tinyBackbone, armHeadOf(tinySpecs.arm)),
  armWithoutBaseline: armObjective(tinyBackbone, armHeadOf(tinySpecs.armWithoutBaseline), {
    regularizer: 0,
  }),
  rad: radObjective(tinyBackbone, radHeadOf(tinySpecs.rad)),
  fudge: fudgeObjective(tinyBackbone, radHeadOf(tinySpecs.fudge)),
  gedi: gediObjective(tinySpecs.gedi),
} as const satisfies Record<string, Objective>;

export type TinyObjective = keyof typeof tinyObjectives;

/** Opens a trainer of a tiny model with random weights. */
export async function openTinyTrainer(
  name: TinyObjective,
  options: TrainerOptions = {},
): Promise<Trainer> {
  return await Trainer.open(
    tinyObjectives[name],
    randomParameters(tinySpecs[name], 1),
    cpu,
    { threads: 1, ...options },
  );
}

/** Random texts of 1 to `longest` tokens with labels for the model's heads. */
export function tinyExamples(
  name: TinyObjective,
  count: number,
  { longest = 9, shortest = 1 }: { longest?: number; shortest?: number } = {},
): Example[] {
  const random = new Random(5, "examples", name);
  const spec = tinySpecs[name];
  const { vocabulary } = spec.backbone;
  const labels = "labels" in spec ? spec.labels : [];
  return Array.from({ length: count }, () => ({
    ids: Int32Array.from(
      { length: shortest + random.integer(longest - shortest + 1) },
      () => random.integer(vocabulary - 1),
    ),
    labels: Float32Array.from(labels, () => random.uniform()),
  }));
}

/** A batch in parts of the given sizes. */
export function partsOf(examples: readonly Example[], ...sizes: number[]): Part[] {
  const random = new Random(9, "part");
  const tokens = examples.reduce((sum, { ids }) => sum + ids.length, 0);
  let start = 0;
  return sizes.map((size) => ({
    examples: examples.slice(start, start += size),
    rows: examples.length,
    tokens,
    random,
  }));
}
