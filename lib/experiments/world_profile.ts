import type { Stage } from "../stages/stage.ts";
import type { Profile, Task } from "./profile.ts";
import { languageModel, rewardModel, type RewardModelSettings } from "./stages/model_stages.ts";
import { ablatedSystems, comparedSystems, paperSystem } from "./systems/compared_systems.ts";
import type { WorldParts, WorldSystem } from "./systems/world_parts.ts";
import { furtherSystems, paperRivals } from "./systems/world_systems.ts";
import { worldMeasurement, worldPromptsStage, worldTexts } from "./stages/world_stages.ts";

/** Sizes of the world profile; tests take smaller ones. */
export interface WorldSizes {
  texts?: number;
  prompts?: number;
  samples?: number;
  /** Unguided texts a prompt, which the optimum is estimated from. */
  unguided?: number;
  seeds?: readonly number[];
  width?: number;
  layers?: number;
  /** A factor on the epochs of all models. */
  effort?: number;
}

const maxNewTokens = 24;

/**
 * The small world, whose truth is exact: it knows how probable a text is and what it expresses. All models are
 * trained here, in minutes.
 */
export function worldProfile(
  {
    texts = 20_000,
    prompts = 100,
    samples = 10,
    unguided = 300,
    seeds = [0],
    width = 128,
    layers = 2,
    effort = 1,
  }: WorldSizes = {},
): Profile {
  const corpus = worldTexts({ seed: 0, texts });
  const training = { batchSize: 64, shape: "cosine", warmup: 30 } as const;
  const size = { width, layers, heads: 4, positions: 40, vocabulary: 1024 };
  const base = languageModel("a base language model", { texts: corpus }, {
    ...training,
    ...size,
    epochs: 4 * effort,
    rate: 3e-3,
    seed: 0,
  }, 45);
  const both = ["positive", "rude"];
  const trained = (
    name: string,
    kind: RewardModelSettings["kind"],
    seed: number,
    settings: Partial<RewardModelSettings> = {},
    teacher?: Stage,
  ) =>
    rewardModel(name, { texts: corpus, base, teacher }, {
      ...training,
      kind,
      labels: both,
      epochs: 2 * effort,
      rate: 2e-3,
      seed,
      ...settings,
    }, 25);
  const rad = (seed: number) => trained("RAD, the teacher", "rad", seed);
  const student = (name: string, seed: number, settings: Partial<RewardModelSettings> = {}) =>
    trained(name, "arm", seed, { epochs: 4 * effort, ...settings }, rad(seed));
  const models = {
    rad,
    distilled: (seed: number) => student("an ARM, distilled", seed),
    labels: (seed: number) => trained("an ARM on labels", "arm", seed),
    noRegularizer: (seed: number) =>
      student("an ARM, distilled without regularizer", seed, { regularizer: 0 }),
    noBaseline: (seed: number) =>
      student("an ARM, distilled without regularizer and baseline", seed, {
        regularizer: 0,
        baseline: false,
      }),
    labelsNoRegularizer: (seed: number) =>
      trained("an ARM on labels without regularizer", "arm", seed, { regularizer: 0 }),
  };
  const promptSet = worldPromptsStage({ seed: 0, count: prompts });
  const betas = [5, 10, 20, 40, 80];

  const task = (
    name: Task["name"],
    label: "positive" | "rude",
    rest: Pick<Task, "inverse" | "control" | "controlTitle">,
  ): Task => {
    const parts: WorldParts = {
      texts: corpus,
      base,
      label,
      inverse: rest.inverse,
      reward: trained,
      models,
      training,
      effort,
    };
    const made = (systems: readonly WorldSystem[]) => systems.map((system) => system(parts));
    return {
      name,
      label,
      ...rest,
      fluency: "nats",
      perplexityTitle: "True perplexity a word",
      judge: "the world itself, exactly",
      base,
      prompts: { undecided: promptSet },
      systems: [...comparedSystems(models, betas), ...made(paperRivals)],
      further: made(furtherSystems),
      ablation: [
        ...ablatedSystems(models, betas),
        paperSystem("arm-labels-no-regularizer", betas, models.labelsNoRegularizer),
      ],
      measure: (generation) => worldMeasurement(generation, { attribute: label, maxNewTokens }),
    };
  };

  return {
    name: "world",
    description:
      `A probabilistic grammar of short texts, which knows exactly how probable a text is and what it expresses. ` +
      `${texts} texts, ${prompts} prompts of undecided sentiment and rudeness; all models are trained here from scratch ` +
      `(d = ${width}, ${layers} layers).`,
    seeds,
    topK: 20,
    samples,
    maxNewTokens,
    secondsPerPoint: 5,
    optimum: { task: "sentiment", samples: unguided },
    tasks: {
      detox: task("detox", "rude", {
        inverse: true,
        control: "maximum",
        controlTitle: "Average maximal P(rude)",
      }),
      sentiment: task("sentiment", "positive", {
        inverse: false,
        control: "mean",
        controlTitle: "Mean P(positive)",
      }),
    },
  };
}
