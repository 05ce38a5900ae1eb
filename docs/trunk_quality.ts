/**
 * Measures what ARMs that share blocks of their base are worth, and prints the tables of `trunk.md`:
 *
 *     deno run -A docs/trunk_quality.ts MODELS --base model.gguf --texts dev.tsv --prompts prompts.jsonl --judge classifier
 *
 * MODELS holds a folder for each number of blocks that are shared, named so: "all", or 0 of an ARM of its own. Rewards of the
 * labelled texts are compared with their labels; then each steers the base at several strengths, `--judge` scores the
 * continuations, and the base itself says how likely they are. Areas are against the one that shares fewest.
 *
 * @module
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  type Interval,
  intervalText,
  mean,
  openBase,
  openDevice,
  openLikelihoodJudge,
  openRewardModel,
  openScorer,
  rateTexts,
  readLabelledTexts,
  readPrompts,
  sweep,
  sweepAreas,
  type TextGeneration,
} from "armature";
import { attributeJudge } from "../lib/experiments/attribute_judge.ts";
import type { PromptMeasurement } from "../lib/experiments/sweep_options.ts";

const label = "label";
const seed = 0;
const betas = [0, 5, 10, 20, 40, 80];

const { positionals: [models], values } = parseArgs({
  allowPositionals: true,
  options: {
    base: { type: "string" },
    texts: { type: "string" },
    prompts: { type: "string" },
    judge: { type: "string" },
    limit: { type: "string", default: "60" },
    samples: { type: "string", default: "5" },
  },
});
const { base: basePath, texts: textsPath, prompts: promptsPath, judge } = values;
if (!models || !basePath || !textsPath || !promptsPath || !judge) {
  console.error("Needed are a folder of models, --base, --texts, --prompts and --judge.");
  Deno.exit(2);
}

const device = await openDevice("cpu");
const { base, tokenizer } = await openBase(basePath, device);
await using _base = base;
const shared = [...Deno.readDirSync(models)].map(({ name }) => name)
  .sort((a, b) => blocksOf(b) - blocksOf(a));

/** Blocks that the ARM of a folder shares. */
function blocksOf(name: string): number {
  return name === "all" ? Infinity : Number(name);
}

const labelled = await readLabelledTexts([textsPath], { labels: [label] });
const { labels } = labelled;
const ids = labelled.texts.map((text) => tokenizer.encode(text));

const opened = [];
console.log("| blocks shared | squared error | right |\n| --- | --- | --- |");
for (const name of shared) {
  const model = await openRewardModel(join(models, name), device);
  const rewards = (await rateTexts(model, ids, label))
    .map((reward) => Math.min(1, Math.max(0, reward)));
  const errors = rewards.map((reward, i) => (reward - labels[i]) ** 2);
  const right = rewards.filter((reward, i) => (reward > 0.5) === (labels[i] > 0.5)).length;
  const deviation = Math.sqrt(mean(errors.map((error) => (error - mean(errors)) ** 2)));
  const margin = 1.96 * deviation / Math.sqrt(errors.length);
  console.log(
    `| ${name} | ${mean(errors).toFixed(3)} (± ${margin.toFixed(3)}) | ${
      (100 * right / errors.length).toFixed(0)
    } % |`,
  );
  opened.push({ name, model });
}

await using fluency = await openLikelihoodJudge(basePath, device);
await using scorer = await openScorer(judge);
const prompts = (await readPrompts(promptsPath)).slice(0, Number(values.limit));
const judging = attributeJudge(scorer, fluency);
// the areas are of what the points were measured as
const measured = new Map<TextGeneration, Promise<PromptMeasurement[]>>();
const measure = (generation: TextGeneration) => {
  const judged = measured.get(generation) ?? judging.measure(generation);
  measured.set(generation, judged);
  return judged;
};
const rows = await sweep(base, tokenizer, prompts, {
  systems: opened.map(({ name, model }) => ({ name, model, steering: [{ label }] })),
  betas,
  topK: 20,
  samples: Number(values.samples),
  maxNewTokens: 20,
  batchSize: 50,
  seed,
  measure,
  perplexity: judging.perplexity,
});
console.log("\n| blocks shared | β | positive | perplexity |\n| --- | --- | --- | --- |");
for (const { system, beta, score, scoreLow, scoreHigh, perplexity } of rows) {
  const positive = `${score.toFixed(3)} (${scoreLow?.toFixed(3)}, ${scoreHigh?.toFixed(3)})`;
  console.log(`| ${system} | ${beta} | ${positive} | ${perplexity.toFixed(1)} |`);
}

const areas = await sweepAreas(rows, {
  reference: shared.at(-1)!,
  measure,
  better: "higher",
  seed,
});
console.log("\n| blocks shared | perplexity, ratio | area, share |\n| --- | --- | --- |");
for (const { system, area: { perplexityRatio, relativeDifference } } of areas) {
  console.log(
    `| ${system} | ${intervalText(perplexityRatio)} | ${shareText(relativeDifference)} |`,
  );
}

/** A share as per cent, with its interval. */
function shareText({ estimate, low, high }: Interval): string {
  const [share, from, to] = [estimate, low, high].map((value) => (100 * value).toFixed(1));
  return `${share} % (${from}, ${to})`;
}
