import { join } from "node:path";
import type { Stage } from "../stages/stage.ts";
import {
  findModel,
  type FindModelOptions,
  requireModel,
} from "../weights/pretrained/find_model.ts";
import { commandToGet, knownModels } from "../weights/pretrained/known_models.ts";
import { type PretrainedRewards, pretrainedRewards } from "./pretrained_rewards.ts";
import { middle, pretrainedBudget, pretrainedSizes } from "./pretrained_sizes.ts";
import type { Profile, Task } from "./profile.ts";
import { labelledFile, promptFile, someTexts, splitTexts } from "./stages/data_stages.ts";
import { embeddingClassifier } from "./stages/embedding_judge.ts";
import { classifier, judged } from "./stages/judge_stages.ts";
import { localFolder } from "./stages/local_folder.ts";
import { localModel } from "./stages/local_model.ts";
import { ablatedSystems, comparedSystems } from "./systems/compared_systems.ts";
import { guidedSystem } from "./systems/guided_system.ts";
import type { System } from "./systems/system.ts";

export interface PretrainedProfileOptions extends FindModelOptions {
  /** Folder laid out as the data README says: `sst2/`, `realtoxicity/`, `prompts/`. */
  data: string;
  /** Minutes that all experiments may take on 2 cores: texts, prompts, strengths and systems are fewer to fit. Default 90. */
  budget?: number;
  /** Default: 0. */
  seeds?: readonly number[];
  /** What the environment says under a name, of where models are. Default: this process's. */
  environment?: (name: string) => string | undefined;
}

/** Strengths of what steers by a reward. */
const strengths = { sentiment: [5, 10, 20, 40], detox: [10, 20, 40, 80] } as const;

/** What steers by log-probabilities. */
const others = {
  fudge: { title: "FUDGE", betas: [1, 2, 4, 8] },
  gedi: { title: "GeDi", betas: [1, 2, 4, 8] },
  dexperts: { title: "DExperts", betas: [0.5, 1, 2, 4] },
} as const;

/** Seconds that a continuation takes on 2 cores, roughly: the mean over systems, of which two read candidates, and judged. */
const seconds = { steered: 0.14, judged: 0.08 } as const;

/**
 * Real pretrained models: SmolLM2-135M-Instruct is steered by reward models on its own backbone, of which the head alone
 * trains, or adapters where a method is a language model. Fluency is judged by Gemma 3 270M, a word, as its tokens are
 * others; the attributes by logistic regressions on MiniLM's sentence embeddings, which have nothing in common with what
 * steers, with classifiers of word n-grams as a check. Where Gemma or MiniLM is not on this machine, the base model
 * itself and the n-grams stand in.
 *
 * @throws {Error} if the base model or the data is not there.
 * @throws {RangeError} if the budget is not above 0.
 */
export async function pretrainedProfile(
  { data, models, budget = pretrainedBudget, seeds = [0], environment }: PretrainedProfileOptions,
): Promise<Profile> {
  if (!(budget > 0)) throw new RangeError(`The budget must be above 0 minutes: it is ${budget}`);
  const sizes = pretrainedSizes(budget);
  const { smollm2, gemma3, minilm } = knownModels;
  const base = await localModel(
    smollm2.title,
    await requireModel("smollm2", { models }, environment),
    5.4e8,
  );
  const notes: string[] = [];
  const orInstead = async (name: "gemma3" | "minilm", instead: string) => {
    const path = await findModel(name, { models }, environment);
    if (path !== undefined) return path;
    const { title } = knownModels[name];
    notes.push(`${title} is not on this machine: ${instead}. '${commandToGet(name)}' gets it.`);
  };
  const gemma = await orInstead("gemma3", "perplexity is that of the base model itself");
  const encoderPath = await orInstead(
    "minilm",
    "texts are judged by classifiers of word n-grams alone",
  );
  const fluency = gemma === undefined ? base : await localModel(gemma3.title, gemma, 1.1e9);
  const encoder = encoderPath === undefined
    ? undefined
    : await localFolder(minilm.title, encoderPath);

  const sst2 = (split: string) =>
    labelledFile(join(data, "sst2", `${split}.tsv`), { label: "positive" });
  const realtoxicity = join(data, "realtoxicity", "scored.jsonl");
  const scored = await labelledFile(realtoxicity, { toxicity: "toxicity" }, {
    records: ["prompt", "continuation"],
  });
  const half = (name: string, part: "drawn" | "rest") =>
    splitTexts(name, scored, { seed: 0, share: 0.5, part });
  const some = (name: string, texts: Stage, count: number) =>
    someTexts(name, texts, { seed: 0, count });
  const sentimentModels = pretrainedRewards(
    "sentiment",
    {
      texts: some("texts for the sentiment models", await sst2("train"), sizes.texts.sentiment),
      base,
    },
    "positive",
    sizes,
  );
  const toxicityModels = pretrainedRewards(
    "toxicity",
    {
      texts: some(
        "texts for the toxicity models",
        half("one half of the scored texts", "drawn"),
        sizes.texts.toxicity,
      ),
      base,
    },
    "toxicity",
    sizes,
  );

  const judges = (
    label: string,
    texts: Stage,
    reads: "whole" | "continuation",
  ): Pick<Task, "measure" | "judge" | "check"> => {
    const nGrams = classifier(`the n-gram judge of ${label}`, texts, [label]);
    const embeddings = encoder && embeddingClassifier(
      `the judge of ${label} by sentence embeddings`,
      { texts, encoder },
      [label],
      sizes.judgeTexts * 0.01,
    );
    const check = embeddings ? nGrams : undefined;
    return {
      measure: (generations) =>
        judged(
          { generations, scorer: embeddings ?? nGrams, check, fluency },
          { label, reads, counts: "words" },
          { seconds: sizes.prompts * sizes.samples * seconds.judged },
        ),
      judge: embeddings
        ? `a logistic regression on the sentence embeddings of ${minilm.title}`
        : "a classifier of word n-grams",
      ...(check ? { check: "a classifier of word n-grams, on the same texts" } : {}),
    };
  };
  const continuations = sizes.prompts * sizes.samples;
  const systemsOf = (models: PretrainedRewards, betas: readonly number[]): System[] => {
    const compared = comparedSystems(models, middle(betas, sizes.strengths.compared));
    const other = (name: keyof typeof others) => {
      const strengths = middle(others[name].betas, sizes.strengths.others);
      return guidedSystem({ name, method: name, ...others[name], betas: strengths }, models[name]);
    };
    return sizes.strengths.others === 0
      ? compared
      : [...compared, other("fudge"), other("gedi"), other("dexperts")];
  };
  const common = {
    base,
    fluency: "nats",
    perplexityTitle: `Perplexity a word under ${
      gemma === undefined ? smollm2.title : gemma3.title
    }`,
  } as const;
  const promptsOf = (path: string) => promptFile(path, { seed: 0, count: sizes.prompts });
  const sets = await Promise.all(
    sizes.sets.map(async (set) =>
      [set, await promptsOf(join(data, "prompts", `${set}.jsonl`))] as const
    ),
  );
  const sentiment: Task = {
    ...common,
    ...judges(
      "positive",
      some("texts for the judges of sentiment", await sst2("dev"), sizes.judgeTexts),
      "whole",
    ),
    name: "sentiment",
    label: "positive",
    inverse: false,
    control: "share",
    controlTitle: "Positive rate (share of continuations)",
    prompts: Object.fromEntries(sets),
    systems: systemsOf(sentimentModels, strengths.sentiment),
    ablation: [],
  };
  const detox: Task = {
    ...common,
    ...judges(
      "toxicity",
      some(
        "texts for the judges of toxicity",
        half("the other half of the scored texts", "rest"),
        sizes.judgeTexts,
      ),
      "continuation",
    ),
    name: "detox",
    label: "toxicity",
    inverse: true,
    control: "maximum",
    controlTitle: "Average maximal toxicity",
    prompts: { RealToxicityPrompts: await promptsOf(realtoxicity) },
    systems: systemsOf(toxicityModels, strengths.detox),
    ablation: ablatedSystems(toxicityModels, middle(strengths.detox, sizes.strengths.compared)),
  };
  return {
    name: "pretrained",
    description:
      `Real pretrained models: ${smollm2.title} steered by reward models on its own backbone, of which the head alone was ` +
      `trained, on ${sizes.texts.sentiment} texts of SST-2 and on ${sizes.texts.toxicity} of RealToxicityPrompts with its ` +
      "scores. " +
      (sizes.strengths.others === 0
        ? "GeDi, DExperts and FUDGE are left out. "
        : `Of GeDi and DExperts adapters were trained, ${sizes.adapterSteps} steps of 16 texts. `) +
      `RAD, whose cost grows with k, reads all candidates in one pass, and does not rate the whole vocabulary. ${sizes.prompts} prompts a set; budget ${budget} ` +
      "minutes for all experiments.",
    notes,
    seeds,
    topK: 20,
    samples: sizes.samples,
    maxNewTokens: 20,
    secondsPerPoint: continuations * seconds.steered,
    // RAD would read ten million tokens for it
    ratedVocabulary: { prefixes: 100, byTeacher: false },
    efficiency: {
      scale: "pretrained",
      seconds: 120,
      options: { topK: [20], samples: sizes.samples, maxNewTokens: 5, rounds: 1 },
    },
    tasks: { detox, sentiment },
  };
}
