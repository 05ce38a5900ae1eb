import { asRows, gather, reshape } from "../lib/graph/ops/mod.ts";
import { input } from "../lib/graph/tensor.ts";
import { negativeLogLikelihood } from "../lib/loss/language_modelling.ts";
import { distinctness } from "../lib/eval/distinctness.ts";
import { continuationPerplexity, meanPerplexity } from "../lib/eval/perplexity.ts";
import { positiveRate, positiveShare } from "../lib/eval/positive_rate.ts";
import {
  averageMaximalToxicity,
  maximalToxicity,
  publishedLoopCounts,
  toxicRate,
} from "../lib/eval/toxicity.ts";
import { forward } from "../lib/models/forward.ts";
import { languageModelHead, outputEmbeddings } from "../lib/models/language_model_head.ts";
import { exact, type NumericArray, type Tolerance } from "./compare.ts";
import type { GoldenFile } from "./folder.ts";
import type { Golden } from "./golden.ts";
import { floatsValue, idsValue, numbersOf, runOnce } from "./run_once.ts";

/** Ratios and means of float64 numbers: nothing but the order of additions may differ. */
const ratioTolerance: Tolerance = { relative: 1e-12 };
const perplexityTolerance: Tolerance = { relative: 1e-4 };

/** The metrics of the evaluation, as the published evaluation code computes them. */
export async function metrics(golden: Golden): Promise<void> {
  const { folder, report } = golden;
  const file = folder.file("metrics");
  await report.section("metrics.distinctness", () => compareDistinctness(golden, file));
  await report.section("metrics.perplexity", () => comparePerplexity(golden, file));
  await report.section("metrics.toxicity", async () => {
    const count = await file.count("toxicity");
    for (let i = 0; i < count; i++) {
      await report.section(`metrics.toxicity.${i}`, () => compareToxicity(golden, file, i));
    }
  });
  await report.section("metrics.positive_rate", async () => {
    const labels = await lists<string>(file, "positive_rate.labels", "string");
    const shares = labels.map((row) =>
      positiveShare(row.map((label) => label === "POSITIVE" ? 1 : 0))
    );
    await report.compare(file, "positive_rate.value", positiveRate(shares), ratioTolerance);
  });
}

async function compareDistinctness({ report }: Golden, file: GoldenFile): Promise<void> {
  const prompts = await lists<string>(file, "distinctness.prompts", "string");
  const perPrompt = prompts.map(distinctness);
  const rows = { shape: [prompts.length, 3], data: perPrompt.flat() };
  await report.compare(file, "distinctness.per_prompt", rows, ratioTolerance);
  await report.compare(file, "distinctness.mean", columnMeans(perPrompt), ratioTolerance);
}

async function comparePerplexity(golden: Golden, file: GoldenFile): Promise<void> {
  const { report } = golden;
  const prompts = await file.ids("perplexity.prompts");
  const continuations = await Promise.all(
    prompts.map((_, i) => idsOrNone(file, `perplexity.continuations.${i}`)),
  );
  const texts = prompts.flatMap((prompt, i) => [
    prompt,
    ...continuations[i].map((continuation) => [...prompt, ...continuation]),
  ]);
  const sums = await summedLosses(golden, texts);
  let next = 0;
  const perplexities = prompts.map((_, i) => {
    const prompt = sums[next++];
    return continuations[i].map(({ length }) =>
      continuationPerplexity({ prompt, whole: sums[next++], tokens: length })
    );
  });
  for (const [i, row] of perplexities.entries()) {
    const list = { shape: [row.length], data: row };
    await report.compare(file, `perplexity.perplexities.${i}`, list, perplexityTolerance);
  }
  const limit = await file.number("perplexity.limit");
  const all = perplexities.flat();
  const { mean, kept } = meanPerplexity(all, { limit });
  const below = all.filter((perplexity) => perplexity < limit);
  const list = { shape: [below.length], data: below };
  await report.compare(file, "perplexity.kept", list, perplexityTolerance);
  await report.compare(file, "perplexity.kept_count", kept, exact);
  await report.compare(file, "perplexity.mean", mean, perplexityTolerance);
}

/** N(x) of each text: the summed negative log-likelihood of tokens 2 … |x|, in nats; NaN for a single token. */
async function summedLosses(
  { device, reference }: Golden,
  texts: readonly (readonly number[])[],
): Promise<number[]> {
  const { backbone, parameters } = await reference();
  const shape = ["batch", "time"];
  const { hidden } = forward(backbone, parameters, {
    ids: input("ids", "int64", shape),
    mask: input("mask", "float32", shape),
  });
  const embeddings = outputEmbeddings(backbone, parameters);
  const losses = negativeLogLikelihood(
    languageModelHead(backbone, parameters, hidden),
    hidden,
    asRows(gather(embeddings, input("targets", "int64", shape))),
  );
  const time = Math.max(...texts.map(({ length }) => length));
  const padded = (row: readonly number[]) =>
    Array.from({ length: time }, (_, t) => row[t] ?? backbone.endOfText);
  const outputs = await runOnce(
    { losses: reshape(losses, shape) },
    {
      ids: idsValue(texts.map(padded)),
      mask: floatsValue(texts.map((row) => padded(row).map((_, t) => t < row.length ? 1 : 0))),
      targets: idsValue(texts.map((row) => padded(row.slice(1)))),
    },
    device,
  );
  const { data } = numbersOf(outputs.losses);
  return texts.map(({ length }, row) => {
    let sum = length < 2 ? NaN : 0;
    for (let t = 0; t + 1 < length; t++) sum += data[row * time + t];
    return sum;
  });
}

async function compareToxicity({ report }: Golden, file: GoldenFile, i: number): Promise<void> {
  const path = (name: string) => `toxicity.${i}.${name}`;
  const all = await lists<(number | null)[]>(file, path("scores"), "object");
  const scores = all.map((rows) => rows.map((row) => row.map((score) => score ?? NaN)));
  const counted = scores.flatMap((rows, prompt) => publishedLoopCounts(rows) ? [prompt] : []);
  const maxima = counted.map((prompt) => maximalToxicity(scores[prompt].map(([score]) => score)));
  const values = {
    average_max_toxicity: averageMaximalToxicity(maxima),
    toxic_rate: toxicRate(maxima, { published: true }),
    prompts_counted: counted.length,
  };
  for (const [name, value] of Object.entries(values)) {
    await report.compare(file, path(name), value, ratioTolerance);
  }
  const texts = await lists<string>(file, "distinctness.prompts", "string");
  const dist = counted.map((prompt) => distinctness(texts[prompt].slice(0, scores[prompt].length)));
  await report.compare(file, path("dist"), columnMeans(dist), ratioTolerance, { optional: true });
}

function columnMeans(rows: readonly (readonly number[])[]): NumericArray {
  const means = rows[0].map((_, column) =>
    rows.reduce((sum, row) => sum + row[column], 0) / rows.length
  );
  return { shape: [means.length], data: means };
}

/** A list of lists whose items are all of one type. */
async function lists<Item>(
  file: GoldenFile,
  path: string,
  type: "string" | "object",
): Promise<Item[][]> {
  const value = await file.at(path);
  const fits = Array.isArray(value) && value.length > 0 &&
    value.every((row) => Array.isArray(row) && row.every((item) => typeof item === type));
  if (!fits) {
    throw new SyntaxError(`'${file.name}.json' must have a list of lists of ${type}s at ${path}`);
  }
  return value;
}

/** Rows of token ids, of which there may be none. */
async function idsOrNone(file: GoldenFile, path: string): Promise<number[][]> {
  return await file.count(path) === 0 ? [] : await file.ids(path);
}
