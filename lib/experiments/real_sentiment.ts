import { join } from "node:path";
import { renderSvg } from "../charts/render.ts";
import { tradeOffChart } from "../charts/trade_off.ts";
import { readLabelledTexts } from "../data/labelled_texts.ts";
import { readPrompts } from "../data/prompts.ts";
import { readTexts } from "../data/texts.ts";
import { loadTokenizer } from "../data/tokenizer.ts";
import { openBaseModel } from "../decode/gpt2_base.ts";
import type { TextGeneration } from "../decode/generate_texts.ts";
import { type LikelihoodJudge, openLikelihoodJudge } from "../eval/likelihood.ts";
import { continuationPerplexity, meanPerplexity } from "../eval/perplexity.ts";
import { type TextClassifier, trainTextClassifier } from "../eval/text_classifier.ts";
import { writeAtomically } from "../files/atomic_write.ts";
import { Random } from "../random.ts";
import { openRewardModel } from "../reward/open_reward_model.ts";
import type { Device } from "../runtime/device.ts";
import { trainLanguageModel } from "../train/train_language_model.ts";
import { trainRewardModel } from "../train/train_reward_model.ts";
import { type PromptMeasurement, sweep, sweepCsv, type SweepRow } from "./sweep.ts";

export interface RealSentimentOptions {
  /** Folder laid out as the data README says: `sst2/`, `realtoxicity/`, `prompts/`. */
  data: string;
  /** Folder for models, generations, table and chart. Default `runs/sentiment-real`. */
  out?: string;
  /** Minutes that the run may take on 2 cores; training is shortened to fit. Default 20. */
  budget?: number;
  seed?: number;
  /** Neutral prompts, drawn by the seed. Default 100. */
  prompts?: number;
  /** Continuations of each. Default 25. */
  samples?: number;
  /** Guidance strengths. Default 0, 10, 30, 50. */
  betas?: readonly number[];
  onStage?: (stage: string) => void;
}

export interface RealSentimentResult {
  readonly rows: readonly SweepRow[];
  readonly chartFile: string;
  readonly tableFile: string;
}

/** What a budget of 20 minutes buys on 2 cores, with room to spare. */
const fullBudget = 20;
const plan = {
  base: { width: 128, layers: 4, heads: 4, epochs: 3, batchSize: 64, rate: 2e-3 },
  fluency: { width: 192, layers: 4, heads: 6, epochs: 2, batchSize: 64, rate: 2e-3 },
  arm: { epochs: 3, batchSize: 64, rate: 5e-4 },
} as const;

/**
 * Sentiment control on real text, with models trained from scratch: a base language model on SST-2 and
 * RealToxicityPrompts, a larger one that judges fluency, an ARM on SST-2's labels, and a classifier of word
 * n-grams, trained on other sentences, that judges sentiment. Neutral prompts are continued at each β.
 *
 * @throws {Error} if the data is not there.
 */
export async function runRealSentiment(
  device: Device,
  {
    data,
    out = "runs/sentiment-real",
    budget = fullBudget,
    seed = 0,
    prompts: promptCount = 100,
    samples = 25,
    betas = [0, 10, 30, 50],
    onStage = () => {},
  }: RealSentimentOptions,
): Promise<RealSentimentResult> {
  if (!(budget > 0)) throw new RangeError(`The budget must be above 0 minutes: it is ${budget}`);
  const share = Math.min(1, budget / fullBudget);
  onStage("Reading data");
  const sst2 = await readLabelledTexts([join(data, "sst2", "train.tsv")]);
  const judged = await readLabelledTexts([join(data, "sst2", "dev.tsv")]);
  const web = await readTexts([join(data, "realtoxicity", "scored.jsonl")], {
    records: ["prompt", "continuation"],
  });
  const neutral = await readPrompts(join(data, "prompts", "neutral.jsonl"));
  const prompts = new Random(seed, "prompts").shuffle([...neutral]).slice(0, promptCount);
  const texts = [...sst2.texts, ...web];
  const folders = {
    base: join(out, "base"),
    fluency: join(out, "fluency-judge"),
    arm: join(out, "arm"),
  };
  const common = { seed, shape: "cosine", warmup: 100, resume: true } as const;
  const steps = (rows: number, { epochs, batchSize }: { epochs: number; batchSize: number }) =>
    Math.ceil(share * epochs * rows / batchSize);

  onStage("Training the base language model");
  const language = {
    ...common,
    vocabulary: 4096,
    positions: 64,
  };
  const baseSteps = steps(texts.length, plan.base);
  await trainLanguageModel(
    texts,
    { ...language, ...plan.base, out: folders.base, maxSteps: baseSteps },
    device,
  );
  onStage("Training the larger model that judges fluency");
  const fluencySteps = steps(texts.length, plan.fluency);
  await trainLanguageModel(texts, {
    ...language,
    ...plan.fluency,
    out: folders.fluency,
    tokenizer: folders.base,
    seed: seed + 1,
    maxSteps: fluencySteps,
  }, device);
  onStage("Training the ARM on sentiment labels");
  await trainRewardModel(sst2, {
    ...common,
    ...plan.arm,
    kind: "arm",
    base: folders.base,
    out: folders.arm,
    maxSteps: steps(sst2.texts.length, plan.arm),
  }, device);
  onStage("Training the sentiment judge on other sentences");
  const sentiment = trainTextClassifier(judged.texts, judged.labels);

  onStage("Steering towards positive text");
  await using base = await openBaseModel(folders.base, device);
  await using arm = await openRewardModel(folders.arm, device);
  await using fluency = await openLikelihoodJudge(folders.fluency, device);
  const rows = await sweep({
    base,
    tokenizer: await loadTokenizer(folders.base),
    prompts,
    systems: [{ name: "ARM, labels only", model: arm, steering: [{ label: "label" }] }],
    betas,
    samples,
    seed,
    measure: (generation) => measure(generation, sentiment, fluency),
    perplexity: (texts) =>
      meanPerplexity(
        texts.map(({ nll, count }) =>
          continuationPerplexity({ prompt: 0, whole: nll, tokens: count })
        ),
      ).mean,
  });

  const chartFile = join(out, "sentiment.svg");
  await writeAtomically(
    chartFile,
    await renderSvg(tradeOffChart(rows, {
      title: "Steering towards positive text, neutral prompts",
      subtitle: "Numbers are the guidance strength β; bars are 95 % intervals over prompts.",
      scoreTitle: "Positive rate (share of continuations)",
      perplexityTitle: "Perplexity under the larger model",
    })),
  );
  const tableFile = join(out, "sentiment.csv");
  await writeAtomically(tableFile, sweepCsv(rows));
  for (const { beta, generation } of rows) {
    const lines = generation.texts.map((row) => JSON.stringify(row) + "\n").join("");
    await writeAtomically(join(out, `generations-beta-${beta}.jsonl`), lines);
  }
  return { rows, chartFile, tableFile };
}

/** Sentiment of prompt and continuation together, as the authors judge it; fluency of the continuation alone. */
async function measure(
  { texts, ids, promptIds }: TextGeneration,
  sentiment: TextClassifier,
  fluency: LikelihoodJudge,
): Promise<PromptMeasurement[]> {
  const flat = ids.flatMap((continuations, i) =>
    continuations.map((continuation) => ({ prompt: promptIds[i], ids: continuation }))
  );
  const nll = await fluency.negativeLogLikelihoods(flat);
  let at = 0;
  return texts.map(({ prompt, continuations }, i) => ({
    scores: continuations.map((text) => sentiment.probability(prompt + text) >= 0.5 ? 1 : 0),
    fluency: ids[i].map(({ length }) => ({ nll: nll[at++], count: length })),
  }));
}
