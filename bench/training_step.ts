import type { Backbone } from "../lib/models/backbone.ts";
import { gpt2Backbone } from "../lib/models/gpt2.ts";
import { headFill, initialize } from "../lib/models/initialization.ts";
import { Random } from "../lib/random.ts";
import type { Device } from "../lib/runtime/device.ts";
import { gediObjective } from "../lib/methods/gedi_objective.ts";
import { languageModelObjective } from "../lib/train/language_model_objective.ts";
import type { Objective, Part } from "../lib/train/objective.ts";
import { armObjective } from "../lib/methods/arm.ts";
import { fudgeObjective } from "../lib/methods/fudge.ts";
import { radObjective } from "../lib/methods/rad.ts";
import { type Losses, outputsOf, Trainer } from "../lib/train/trainer.ts";
import { matrixOperations } from "./matrix_operations.ts";

const armHead = ({ width }: Backbone, baseline: boolean) => ({ labels: 1, width, baseline });
const radHead = ({ width }: Backbone) => ({ labels: 1, width });

/** What a training step is timed of: the systems of the paper, its ablations, and a language model. */
export const trained = {
  "ARM": (backbone) => armObjective(backbone, armHead(backbone, true)),
  "ARM, no regularizer": (backbone) =>
    armObjective(backbone, armHead(backbone, true), { regularizer: 0 }),
  "ARM, no baseline either": (backbone) =>
    armObjective(backbone, armHead(backbone, false), { regularizer: 0 }),
  "RAD": (backbone) => radObjective(backbone, radHead(backbone)),
  "FUDGE": (backbone) => fudgeObjective(backbone, radHead(backbone)),
  "GeDi": (backbone) => gediObjective({ backbone, codes: [0, 1] }),
  "language model": languageModelObjective,
} as const satisfies Record<string, (backbone: Backbone) => Objective>;

export type Trained = keyof typeof trained;

/** What is trained, and on how much. */
export interface TrainingShape {
  readonly backbone: Backbone;
  /** Texts of a batch. */
  readonly rows: number;
  /** Places of a text, with BOS or a control code where the system reads one. */
  readonly time: number;
}

/** Systems that read a token before each text. */
const readsOneMore: readonly Trained[] = ["language model", "GeDi"];

/** The shapes of a GPT-2 with four heads, whose context is a text of the batch. */
export function gpt2Shape(
  { width, layers, vocabulary, rows, time }:
    & Pick<TrainingShape, "rows" | "time">
    & { width: number; layers: number; vocabulary: number },
): TrainingShape {
  const sizes = { vocabulary, context: time, width, layers, heads: 4, endOfText: 0 };
  return { backbone: gpt2Backbone(sizes), rows, time };
}

/** A trainer of a model with fresh weights. */
export async function openFreshTrainer(
  name: Trained,
  backbone: Backbone,
  device: Device,
): Promise<Trainer> {
  const objective: Objective = trained[name](backbone);
  const fill = (name: string) => (backbone.shapes.has(name) ? backbone.fill : headFill)(name);
  const fresh = initialize(objective.shapes, fill, new Random(0, "bench"));
  return await Trainer.open(objective, fresh, device);
}

/**
 * A model with fresh weights and a batch of random tokens; `step` takes one step of training and gives its losses, and `matrixOperations` are the
 * multiplications and additions of its matrix products.
 */
export async function openTrainingStep(
  name: Trained,
  { backbone, rows, time }: TrainingShape,
  device: Device,
): Promise<AsyncDisposable & { step(): Promise<Losses>; readonly matrixOperations: number }> {
  const { vocabulary } = backbone;
  const trainer = await openFreshTrainer(name, backbone, device);
  const random = new Random(0, "bench", "texts");
  const length = readsOneMore.includes(name) ? time - 1 : time;
  const examples = Array.from({ length: rows }, () => ({
    ids: Array.from({ length }, () => random.integer(vocabulary)),
    labels: [random.uniform()],
  }));
  const part: Part = { examples, rows, tokens: rows * length, random };
  const sizes = new Map(Object.entries({ batch: rows, time }));
  return {
    matrixOperations: matrixOperations(
      outputsOf(trainer.objective, {}).flatMap(Object.values),
      sizes,
    ),
    step: () => trainer.step([part], 1e-4),
    [Symbol.asyncDispose]: () => trainer[Symbol.asyncDispose](),
  };
}
