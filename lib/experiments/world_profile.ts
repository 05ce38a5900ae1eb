import type { Stage } from "../stages/stage.ts";
import type { Profile, Task } from "./profile.ts";
import { generation } from "./stages/generation_stage.ts";
import { languageModel, rewardModel, type RewardModelSettings } from "./stages/model_stages.ts";
import { pairedRewardModel } from "./stages/paired_model_stage.ts";
import { preferencePairs } from "./stages/preference_pairs_stage.ts";
import { ablatedSystems, comparedSystems, paperSystem } from "./systems/compared_systems.ts";
import type { PlannedSystem, SystemParts } from "./systems/system_parts.ts";
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
const topK = 20;

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
  }, 30);
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
    }, teacher ? 25 : 13);
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

  const measured = (generations: Stage, attribute: "positive" | "rude") =>
    worldMeasurement(generations, { attribute, maxNewTokens });
  /** As many texts as the others learn from, which the base model wrote itself, of other prompts than systems are compared by. */
  const pairs = (label: "positive" | "rude") => {
    const answered = Math.min(500, Math.max(1, texts / 2));
    const generations = generation(
      "texts to compare",
      { base, prompts: worldPromptsStage({ seed: 1, count: answered }) },
      { topK, maxNewTokens, samples: Math.round(texts / answered), seed: 0 },
      5 * texts / 20_000,
    );
    const judged = { generations, measured: measured(generations, label) };
    return preferencePairs(`texts (${label})`, judged, { seed: 0, scale: 10 });
  };

  const task = (
    name: Task["name"],
    label: "positive" | "rude",
    rest: Pick<Task, "inverse" | "control" | "controlTitle">,
  ): Task => {
    const parts: SystemParts = {
      texts: corpus,
      base,
      label,
      inverse: rest.inverse,
      reward: trained,
      fromPairs: (name, seed, settings) =>
        pairedRewardModel(name, { pairs: pairs(label), base }, {
          ...training,
          label,
          epochs: 2 * effort,
          rate: 2e-3,
          seed,
          ...settings,
        }, 13),
      models,
      training,
      effort,
    };
    const made = (systems: readonly PlannedSystem[]) => systems.map((system) => system(parts));
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
      measure: (generations) => measured(generations, label),
    };
  };

  return {
    name: "world",
    description:
      `A probabilistic grammar of short texts, which knows exactly how probable a text is and what it expresses. ` +
      `${texts} texts, ${prompts} prompts of undecided sentiment and rudeness; all models are trained here from scratch ` +
      `(d = ${width}, ${layers} layers).`,
    seeds,
    topK,
    samples,
    maxNewTokens,
    secondsPerPoint: 1,
    secondsPerRewardMatrix: 1,
    efficiency: { scale: "world", seconds: 20, options: {} },
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
