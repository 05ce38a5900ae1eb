import { join } from "node:path";
import type { Stage } from "../stages/stage.ts";
import type { Profile, Task } from "./profile.ts";
import { allTexts, labelledFile, promptFile, splitTexts } from "./stages/data_stages.ts";
import { classifier, judged } from "./stages/judge_stages.ts";
import { pairedRewardModel } from "./stages/paired_model_stage.ts";
import { labelledPairs } from "./stages/preference_pairs_stage.ts";
import { middle } from "./pretrained_sizes.ts";
import { realSystems } from "./systems/real_systems.ts";
import type { SystemParts } from "./systems/system_parts.ts";
import { languageModel, rewardModel, type RewardModelSettings } from "./stages/model_stages.ts";
import { ablatedSystems, comparedSystems, studentModels } from "./systems/compared_systems.ts";

export interface RealProfileOptions {
  /** Folder laid out as the data README says: `sst2/`, `realtoxicity/`, `prompts/`. */
  data: string;
  /** Minutes that `reproduce all` may take on 2 cores; training and prompts are fewer to fit. Default 60. */
  budget?: number;
  /** Default: 0, 1, 2. */
  seeds?: readonly number[];
}

/** What the sizes below take at most on 2 cores, in minutes. */
const fullBudget = 60;

/** The seven attributes of toxicity, by their names in the data. */
const toxicity = [
  "toxicity",
  "severe_toxicity",
  "identity_attack",
  "insult",
  "threat",
  "sexually_explicit",
  "profanity",
];

const positions = 64;
const vocabulary = 4096;

/**
 * Real text: a base language model and a larger one that judges fluency are trained from scratch on SST-2 and
 * RealToxicityPrompts, the reward models on their labels; the judges of sentiment and toxicity are classifiers of word
 * n-grams that were trained on other texts.
 *
 * @throws {Error} if the data is not there.
 * @throws {RangeError} if the budget is not above 0.
 */
export async function realProfile(
  { data, budget = fullBudget, seeds = [0, 1, 2] }: RealProfileOptions,
): Promise<Profile> {
  if (!(budget > 0)) throw new RangeError(`The budget must be above 0 minutes: it is ${budget}`);
  const share = Math.min(1, budget / fullBudget);
  const steps = (rows: number, epochs: number, batchSize: number) =>
    Math.max(1, Math.round(share * epochs * rows / batchSize));

  const sst2 = await labelledFile(join(data, "sst2", "train.tsv"), { label: "positive" });
  const sst2Dev = await labelledFile(join(data, "sst2", "dev.tsv"), { label: "positive" });
  const scored = await labelledFile(
    join(data, "realtoxicity", "scored.jsonl"),
    Object.fromEntries(toxicity.map((label) => [label, label])),
    { records: ["prompt", "continuation"] },
  );
  const half = { seed: 0, share: 0.5 };
  const toxic = splitTexts("texts for the toxicity models", scored, { ...half, part: "drawn" });
  const toxicJudge = splitTexts("texts for the toxicity judge", scored, { ...half, part: "rest" });
  const rows = { sst2: 60_614, scored: 7_900 };

  const training = { batchSize: 64, shape: "cosine", warmup: 100 } as const;
  const texts = allTexts("texts for the language models", [sst2, scored]);
  const all = rows.sst2 + rows.scored;
  const base = languageModel("the base language model", { texts }, {
    ...training,
    width: 128,
    layers: 4,
    heads: 4,
    positions,
    vocabulary,
    maxSteps: steps(all, 3, 64),
    epochs: 3,
    rate: 2e-3,
    seed: 0,
  }, 170 * share);
  const fluency = languageModel(
    "the larger model that judges fluency",
    { texts, tokenizer: base },
    {
      ...training,
      width: 192,
      layers: 4,
      heads: 6,
      positions,
      vocabulary,
      maxSteps: steps(all, 2, 64),
      epochs: 2,
      rate: 2e-3,
      seed: 1,
    },
    170 * share,
  );

  const family = (
    task: string,
    texts: Stage,
    labels: readonly string[],
    count: number,
    epochs: number,
    seconds: number,
  ) => {
    const trained = (
      name: string,
      kind: RewardModelSettings["kind"],
      seed: number,
      settings: Partial<RewardModelSettings> = {},
      teacher?: Stage,
    ) =>
      rewardModel(`${name} (${task}, seed ${seed})`, { texts, base, teacher }, {
        ...training,
        kind,
        labels,
        epochs,
        maxSteps: steps(count, epochs, 64),
        rate: 5e-4,
        seed,
        ...settings,
      }, seconds * share);
    const rad = (seed: number) => trained("RAD, the teacher", "rad", seed);
    const student = (name: string, settings: Partial<RewardModelSettings> = {}) => (seed: number) =>
      trained(name, "arm", seed, settings, rad(seed));
    return {
      trained,
      rad,
      ...studentModels(student),
      labels: (seed: number) => trained("an ARM on labels", "arm", seed),
    };
  };
  const sentimentModels = family("sentiment", sst2, ["positive"], rows.sst2, 3, 45);
  const toxicityModels = family("toxicity", toxic, toxicity, rows.scored / 2, 12, 25);

  const count = Math.max(10, Math.round(60 * share));
  const promptSet = (name: string) =>
    promptFile(join(data, "prompts", `${name}.jsonl`), { seed: 0, count });
  const common = {
    base,
    fluency: "perplexity",
    perplexityTitle: "Perplexity under the larger model",
  } as const;
  const sentimentJudge = classifier("the judge of sentiment", sst2Dev, ["positive"]);
  const toxicityJudge = classifier("the judge of toxicity", toxicJudge, ["toxicity"]);
  const toxicBetas = [10, 30, 60, 120];

  const pairs = labelledPairs("positive and negative texts", sst2, { label: "positive", seed: 0 });
  const parts: SystemParts = {
    texts: sst2,
    base,
    label: "positive",
    inverse: false,
    reward: sentimentModels.trained,
    fromPairs: (name, seed, settings) =>
      pairedRewardModel(`${name} (seed ${seed})`, { pairs, base }, {
        ...training,
        label: "positive",
        maxSteps: steps(rows.sst2 / 2, 3, 64),
        rate: 5e-4,
        seed,
        ...settings,
      }, 45 * share),
    models: sentimentModels,
    training,
    effort: share,
  };
  const sentiment: Task = {
    ...common,
    name: "sentiment",
    label: "positive",
    inverse: false,
    control: "share",
    controlTitle: "Positive rate (share of continuations)",
    rewardTitle: "The mean probability that a text is positive",
    judge: "a classifier of word n-grams, trained on SST-2's dev split",
    prompts: { negative: await promptSet("negative"), neutral: await promptSet("neutral") },
    systems: comparedSystems(sentimentModels, [10, 20, 40, 80]),
    // in the middle of their strengths, as there are two sets of prompts
    further: realSystems.map((system) => system(parts)).map((system) => ({
      ...system,
      betas: middle(system.betas, 2),
    })),
    ablation: [],
    measure: (generations) =>
      judged({ generations, scorer: sentimentJudge, fluency }, {
        label: "positive",
        reads: "whole",
      }),
  };
  const detox: Task = {
    ...common,
    name: "detox",
    label: "toxicity",
    inverse: true,
    control: "maximum",
    controlTitle: "Average maximal toxicity",
    judge: "a classifier of word n-grams, trained on the texts that the reward models did not see",
    prompts: {
      RealToxicityPrompts: await promptFile(join(data, "realtoxicity", "scored.jsonl"), {
        seed: 0,
        count,
      }),
    },
    systems: comparedSystems(toxicityModels, toxicBetas),
    ablation: ablatedSystems(toxicityModels, toxicBetas),
    measure: (generations) =>
      judged({ generations, scorer: toxicityJudge, fluency }, {
        label: "toxicity",
        reads: "continuation",
      }),
  };
  return {
    name: "real",
    description:
      "Real text (SST-2, RealToxicityPrompts, OpenWebText prompts), with all models trained here from scratch: a base " +
      `language model of d = 128 and 4 layers, a larger one that judges fluency, reward models on ${seeds.length} ` +
      `seeds. ${count} prompts a set; budget ${budget} minutes for all experiments.`,
    seeds,
    topK: 20,
    samples: 25,
    maxNewTokens: 20,
    secondsPerPoint: 3.5 * share,
    optimum: { task: "sentiment", samples: 200 },
    tasks: { detox, sentiment },
  };
}
