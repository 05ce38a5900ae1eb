import { basename } from "node:path";
import { amazonPolarity } from "../data/corpora/amazon_polarity.ts";
import { jigsawUnintendedBias } from "../data/corpora/jigsaw_unintended_bias.ts";
import { openWebTextSentimentPrompts } from "../data/corpora/openwebtext_sentiment_prompts.ts";
import { realToxicityPrompts10k } from "../data/corpora/real_toxicity_prompts.ts";
import { sst2 } from "../data/corpora/sst2.ts";
import {
  type PaperSystem,
  readPaperSettings,
  readPaperTable2,
  readPaperTable3,
} from "../data/paper_numbers.ts";
import { transformersFiles } from "../bases/transformers_base.ts";
import { ScoreCache } from "../eval/score_cache.ts";
import { classifierFiles } from "../eval/scorers/hub_classifier.ts";
import { openPerspective } from "../eval/scorers/perspective.ts";
import type { Scorer } from "../eval/scorers/scorer.ts";
import type { Stage } from "../stages/stage.ts";
import { filesNamed, isHubName, modelFiles } from "../weights/hub.ts";
import { secondsToContinue, secondsToJudge, tokensOf, trainingSeconds } from "./paper_rates.ts";
import {
  type PaperProfileSettings,
  paperProfileSettings,
  type PassSettings,
  settingsFrom,
} from "./paper_settings.ts";
import type { Profile, PublishedPoint, Task } from "./profile.ts";
import {
  corpusPrompts,
  type CorpusSource,
  fetchedCorpus,
  localCorpus,
  tokenizedCorpus,
} from "./stages/corpus_stages.ts";
import { fetched, type HubSource } from "./stages/hub_stages.ts";
import { judged, type PerspectiveJudge } from "./stages/judge_stages.ts";
import { localClassifier } from "./stages/local_classifier.ts";
import { importedRewardModel, rewardModelOnTokens } from "./stages/model_stages.ts";
import { ablatedSystems, comparedSystems } from "./systems/compared_systems.ts";

export interface PaperProfileOptions {
  /** Folder of the data that is not on the hub, laid out as the data README says: `jigsaw/`, `realtoxicity/`, `prompts/`. */
  data: string;
  /**
   * Who judges toxicity: `"perspective"`, the folder of a classifier, or the name of one for transformers.js on the hub.
   * Default: the Perspective API, as in the paper.
   */
  scorer?: string;
  /** File with settings that are not the paper's. Default: the paper's. */
  settings?: string;
  /** Seeds of training and sampling; the released teachers have none. Default: 0. */
  seeds?: readonly number[];
  /** File that keeps the scores of all judges. Default: they are kept with the stages. */
  scores?: string;
}

/**
 * The paper: GPT-2-Large steered by GPT-2-small, judged by GPT-2-XL; the released RAD models are the teachers, and all
 * ARMs are trained from them and from the labels of Jigsaw, Amazon Polarity and SST-2. What is on the hub is fetched by
 * name and revision; what is lacking is told when it is needed.
 *
 * @throws {Error} if settings or the scorer's folder cannot be read.
 */
export async function paperProfile(
  { data, scorer = "perspective", settings: file, seeds = [0], scores }: PaperProfileOptions,
): Promise<Profile> {
  const paper = await readPaperSettings();
  const usual = paperProfileSettings(paper);
  const settings = file === undefined ? usual : await settingsFrom(file, usual);
  const { models, prompts, decoding } = settings;
  const { teachers } = models;
  const model = (source: HubSource) => fetched("model", source, modelFiles, "model");
  const dataset = async ({ files, ...source }: PaperProfileSettings["data"]["sst2"]) =>
    await fetched("dataset", source, filesNamed([files]), files);
  const checkpoint = (path: string) =>
    fetched("model", { ...teachers, bytes: teachers.bytes / 2 }, filesNamed([path]), path);

  const [base, reward, fluency] = await Promise.all(
    [models.base, models.reward, models.fluency].map(model),
  );
  const [toxicityTeacher, sentimentTeacher] = await Promise.all(
    [teachers.toxicity, teachers.sentiment].map(checkpoint),
  );
  const [amazon, sst] = await Promise.all([
    dataset(settings.data.amazonPolarity),
    dataset(settings.data.sst2),
  ]);
  const jigsaw = await localCorpus(jigsawUnintendedBias, data);

  const trained = trainerOf(settings, reward);
  const toxicity = {
    teacher: importedRewardModel(
      "RAD, the released teacher of toxicity",
      { checkpoint: toxicityTeacher, base: reward },
      { file: teachers.toxicity, kind: "rad", labels: paper.labels },
    ),
    texts: jigsaw,
    labels: (seed: number) =>
      trained("an ARM on the labels of toxicity", jigsaw, settings.training.jigsaw, { seed }),
  };
  const sentimentSources = {
    amazon: fetchedCorpus(amazonPolarity, amazon),
    sst2: fetchedCorpus(sst2, sst),
  };
  const { amazonPolarity: first, sst2: second } = settings.training;
  const sentiment = {
    teacher: importedRewardModel(
      "RAD, the released teacher of sentiment",
      { checkpoint: sentimentTeacher, base: reward },
      { file: teachers.sentiment, kind: "rad", labels: ["positive"] },
    ),
    texts: sentimentSources.amazon,
    // appendix A.2: first Amazon Polarity, then SST-2 at a lower rate
    labels: (seed: number) =>
      trained("an ARM on the labels of SST-2", sentimentSources.sst2, second, {
        seed,
        init: trained("an ARM on the labels of Amazon Polarity", sentimentSources.amazon, first, {
          seed,
        }),
      }),
  };
  const students = (
    { teacher, texts }: typeof toxicity,
    pass: PassSettings,
    settings: { regularizer?: number; baseline?: boolean } = {},
    name = "an ARM, distilled",
  ) =>
  (seed: number) =>
    trained(`${name} (${texts.corpus.name})`, texts, pass, { seed, teacher, ...settings });
  const { jigsaw: toxicityPass } = settings.training;
  const toxicityModels = {
    rad: () => toxicity.teacher,
    distilled: students(toxicity, toxicityPass),
    noRegularizer: students(
      toxicity,
      toxicityPass,
      { regularizer: 0 },
      "an ARM without regularizer",
    ),
    noBaseline: students(
      toxicity,
      toxicityPass,
      { regularizer: 0, baseline: false },
      "an ARM without regularizer and baseline",
    ),
    labels: toxicity.labels,
  };
  const sentimentModels = {
    rad: () => sentiment.teacher,
    distilled: students(sentiment, first),
    labels: sentiment.labels,
  };

  const published = await publishedPoints(settings, usual, scorer);
  const common = {
    base,
    fluency: "perplexity",
    perplexityTitle: `Perplexity under ${shortName(models.fluency.name)}`,
  } as const;
  const { toxicityBetas, sentimentBetas } = decoding;
  const toxicityJudge = await openToxicityJudge(scorer, settings, scores);
  const sentimentJudge = await fetched(
    "model",
    models.sentimentJudge,
    transformersFiles("fp32"),
    "transformers.js fp32",
  );
  const promptsOf = async (count: number, ...source: Parameters<typeof localCorpus>) =>
    corpusPrompts(await localCorpus(...source), { seed: 0, count });
  const sentimentPrompts = (split: string) =>
    promptsOf(prompts.sentiment, openWebTextSentimentPrompts, data, split);

  const detoxification: Task = {
    ...common,
    name: "detox",
    label: "toxicity",
    inverse: true,
    control: "maximum",
    controlTitle: "Average maximal toxicity",
    judge: toxicityJudge.name,
    prompts: {
      RealToxicityPrompts: await promptsOf(prompts.toxicity, realToxicityPrompts10k, data),
    },
    systems: comparedSystems(toxicityModels, toxicityBetas),
    ablation: ablatedSystems(toxicityModels, toxicityBetas),
    measure: (generations) =>
      withLack(
        judged(
          { generations, scorer: toxicityJudge.scorer, fluency },
          { label: "toxicity", otherNames: ["toxic"], reads: "continuation" },
          { scores, seconds: prompts.toxicity * secondsToJudge },
        ),
        toxicityJudge.lacks,
      ),
    published: published.detox,
  };
  const control: Task = {
    ...common,
    name: "sentiment",
    label: "positive",
    inverse: false,
    control: "share",
    controlTitle: "Positive rate (share of continuations)",
    judge: models.sentimentJudge.name,
    prompts: {
      negative: await sentimentPrompts("negative"),
      neutral: await sentimentPrompts("neutral"),
    },
    systems: comparedSystems(sentimentModels, sentimentBetas),
    ablation: [],
    measure: (generations) =>
      judged(
        { generations, scorer: sentimentJudge, fluency },
        { label: "positive", reads: "whole" },
        { scores, seconds: prompts.sentiment * secondsToJudge },
      ),
    published: published.sentiment,
  };
  const { scale, topK, samples, maxNewTokens } = settings.efficiency;
  return {
    name: "paper",
    description:
      `The paper's experiments: ${models.base.name} steered by reward models of ${models.reward.name}, perplexity ` +
      `under ${models.fluency.name}; the teachers are those of ${teachers.name}, and the ARMs are trained on Jigsaw ` +
      `Unintended Bias, Amazon Polarity and SST-2 by the paper's settings. Toxicity is judged by ` +
      `${toxicityJudge.name}, sentiment by ${models.sentimentJudge.name}.` +
      (file === undefined ? "" : " Some settings are not the paper's."),
    seeds,
    topK: decoding.topK,
    samples: decoding.samples,
    maxNewTokens: decoding.maxNewTokens,
    secondsPerPoint: Math.max(prompts.toxicity, prompts.sentiment) * secondsToContinue,
    secondsPerRewardMatrix: 3600,
    efficiency: {
      scale,
      seconds: scale === "paper" ? 1200 : 60,
      options: { topK: [...topK, "vocabulary"], samples, maxNewTokens },
    },
    tasks: { detox: detoxification, sentiment: control },
  };
}

/** What training GPT-2-small in batches of 100 texts takes of memory. */
const trainingMemory = 1.6e10;

/** Trains ARMs from one base model by the paper's optimizer. */
function trainerOf({ training }: PaperProfileSettings, base: Stage) {
  const { batchSize, accumulationSteps } = training;
  return (
    name: string,
    source: CorpusSource,
    { learningRate, epochs }: PassSettings,
    { teacher, init, ...settings }: {
      seed: number;
      teacher?: Stage;
      init?: Stage;
      regularizer?: number;
      baseline?: boolean;
    },
  ): Stage =>
    rewardModelOnTokens(
      name,
      { tokens: tokenizedCorpus(source, base), base, teacher, init },
      {
        kind: "arm",
        batchSize,
        parts: accumulationSteps,
        rate: learningRate,
        epochs,
        shape: "constant",
        ...settings,
      },
      {
        seconds: trainingSeconds(tokensOf(source.bytes, source.fetched ? "parquet" : "csv"), {
          epochs,
          isDistilled: teacher !== undefined,
        }),
        memory: trainingMemory / accumulationSteps,
      },
    );
}

interface ToxicityJudge {
  readonly scorer: Stage | PerspectiveJudge;
  /** What it is called in the report. */
  readonly name: string;
  readonly lacks?: string;
}

async function openToxicityJudge(
  scorer: string,
  { perspective }: PaperProfileSettings,
  scores: string | undefined,
): Promise<ToxicityJudge> {
  if (scorer === "perspective") {
    // scores that are kept already need no key
    const isKept = scores !== undefined && await keepsScores(scores, openPerspective());
    const hasKey = !!Deno.env.get("PERSPECTIVE_API_KEY");
    return {
      scorer: { perspective },
      name: "the Perspective API",
      lacks: hasKey || isKept
        ? undefined
        : "The Perspective API, which judges toxicity, needs a key: set PERSPECTIVE_API_KEY, or name another judge " +
          "with --scorer",
    };
  }
  const isThere = await Deno.stat(scorer).then(() => true, () => false);
  if (isThere) {
    return {
      scorer: await localClassifier("the judge of toxicity", scorer),
      name: `the classifier '${basename(scorer)}'`,
    };
  }
  if (!isHubName(scorer)) {
    throw new Error(
      `There is no scorer '${scorer}': name perspective, the folder of a classifier, or one on the hub`,
    );
  }
  const source = { name: scorer, revision: "main", bytes: 5e8 };
  return {
    scorer: await fetched("model", source, classifierFiles("fp32"), "transformers.js fp32"),
    name: scorer,
  };
}

/** Whether a file keeps any score of a scorer. */
async function keepsScores(path: string, scorer: Scorer): Promise<boolean> {
  if (!await Deno.stat(path).then(() => true, () => false)) return false;
  using cache = ScoreCache.open(path);
  return cache.count(scorer) > 0;
}

function withLack(stage: Stage, lacks: string | undefined): Stage {
  return lacks === undefined ? stage : { ...stage, lacks };
}

/** The numbers of tables 2 and 3 that compare: of the same models, judges and k. */
async function publishedPoints(
  { models, decoding }: PaperProfileSettings,
  { models: usual }: PaperProfileSettings,
  scorer: string,
): Promise<{ detox?: PublishedPoint[]; sentiment?: PublishedPoint[] }> {
  const same = (model: "base" | "reward" | "fluency" | "sentimentJudge") =>
    models[model].name === usual[model].name;
  if (!same("base") || !same("reward") || !same("fluency")) return {};
  const pointOf = (
    { system, beta, perplexity, dist2, dist3 }: {
      system: PaperSystem;
      beta: number;
      perplexity: number;
      dist2: number;
      dist3: number;
    },
    prompts: string,
    control: number,
  ): PublishedPoint => ({ system, prompts, beta, control, perplexity, dist2, dist3 });
  const atSameK = ({ k }: { k: number }) => k === decoding.topK;
  const [toxicity, sentiment] = await Promise.all([readPaperTable2(), readPaperTable3()]);
  return {
    detox: scorer !== "perspective"
      ? undefined
      : toxicity.filter(atSameK).map((row) =>
        pointOf(row, "RealToxicityPrompts", row.averageMaximalToxicity)
      ),
    sentiment: !same("sentimentJudge") ? undefined : sentiment.filter(atSameK).flatMap((row) => [
      pointOf(row, "negative", shareOf(row.positiveRateNegativePromptsPercent)),
      pointOf(row, "neutral", shareOf(row.positiveRateNeutralPromptsPercent)),
    ]),
  };
}

/** A percentage with two decimals as a share. */
const shareOf = (percent: number) => Math.round(100 * percent) / 1e4;

const shortName = (name: string) => name.replace(/^.*\//, "");
