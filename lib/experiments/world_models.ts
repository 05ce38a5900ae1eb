import { join } from "node:path";
import { sampleWorldCorpus } from "../data/world/sample_world_corpus.ts";
import { displayedAs } from "../notebook/display.ts";
import { interruptible } from "../notebook/interruption.ts";
import { tableLook } from "../notebook/table_look.ts";
import { checkArgument, settle } from "../options/settle.ts";
import type { Device } from "../runtime/device.ts";
import { deviceKind } from "../runtime/device_kind.ts";
import { trainLanguageModel } from "../train/train_language_model.ts";
import { trainRewardModel } from "../methods/train_reward_model.ts";
import type { RewardModelOptions } from "../methods/reward_model_options.ts";
import {
  type WorldModel,
  worldModels,
  type WorldModelsOptions,
  worldModelsOptions,
} from "./world_models_options.ts";

/** The sizes of the base model, and so of all: small enough to train in seconds. */
const size = { width: 128, layers: 2, heads: 4, contextLength: 40, vocabularySize: 1024 };
const training = { batchSize: 64, schedule: "cosine", warmupSteps: 30 } as const;

/** What each of the reward models is trained by. */
interface RewardPlan extends Pick<RewardModelOptions, "kind"> {
  readonly stage: string;
  readonly teacher?: WorldModel;
}

const rewardPlans: Readonly<Record<Exclude<WorldModel, "base">, RewardPlan>> = {
  "rad": { kind: "rad", stage: "Training RAD, the teacher" },
  "arm-distilled": { kind: "arm", teacher: "rad", stage: "Distilling an ARM from it" },
  "arm-labels": { kind: "arm", stage: "Training an ARM on the labels alone" },
};

/**
 * Trains models on texts of the small world: a base model that writes, a RAD teacher, an ARM distilled from it and an
 * ARM on labels; the reward models rate how positive and how rude a text turns out. Models that are in the folder
 * already are not trained again, a run that was stopped goes on, and models of other settings are replaced.
 *
 * @returns the folder of each model that was asked for, and of the base model.
 * @throws the signal's reason if it, or Stop in a notebook, stopped the training.
 */
export async function trainWorldModels<Model extends WorldModel = WorldModel>(
  device: Device,
  options: WorldModelsOptions & { readonly models?: readonly Model[] } = {},
): Promise<Readonly<Record<Model | "base", string>>> {
  checkArgument("trainWorldModels", "device", deviceKind, device);
  const { out, seed, texts, models: wanted, onStage = () => {}, ...given } = settle(
    "trainWorldModels",
    worldModelsOptions,
    options,
  );
  using work = interruptible(given.signal);
  const { signal } = work;
  const folderOf = (model: WorldModel) => join(out, model);
  const common = { ...training, seed, resume: true, overwrite: true, signal };

  onStage("Sampling texts from the small world");
  const corpus = sampleWorldCorpus({ seed, texts });

  onStage("Training a base language model");
  await trainLanguageModel(corpus.texts, device, {
    ...common,
    ...size,
    out: folderOf("base"),
    epochs: 4,
    learningRate: 3e-3,
  });
  signal?.throwIfAborted();

  for (const model of worldModels) {
    if (model === "base" || !isNeeded(model, wanted)) continue;
    const { kind, teacher, stage } = rewardPlans[model];
    onStage(stage);
    await trainRewardModel(corpus, device, {
      ...common,
      kind,
      base: folderOf("base"),
      ...(teacher && { teacher: folderOf(teacher) }),
      out: folderOf(model),
      epochs: 2,
      learningRate: 2e-3,
    });
    signal?.throwIfAborted();
  }
  const folders = [...new Set<WorldModel>(["base", ...wanted])].map((model) => [
    model,
    folderOf(model),
  ]);
  const found: Readonly<Record<Model | "base", string>> = Object.fromEntries(folders);
  return displayedAs(found, () =>
    tableLook({
      title: "Models of the small world",
      columns: [{ name: "model" }, { name: "folder" }],
      rows: folders.map(([model, folder]) => [model, folder]),
    }));
}

/** Whether a reward model is wanted, or teaches one that is. */
function isNeeded(model: WorldModel, wanted: readonly WorldModel[]): boolean {
  return wanted.some((other) =>
    other === model || (other !== "base" && rewardPlans[other].teacher === model)
  );
}
