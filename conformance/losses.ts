import { asRows, gather, reshape } from "../lib/graph/ops/mod.ts";
import { input, type Tensor } from "../lib/graph/tensor.ts";
import { forward } from "../lib/models/forward.ts";
import { outputEmbeddings } from "../lib/models/language_model_head.ts";
import { armReward, marginalOf, project } from "../lib/methods/arm.ts";
import { type RadHead, radReward } from "../lib/methods/rad.ts";
import { Random } from "../lib/random.ts";
import type { Device } from "../lib/runtime/device.ts";
import type { Value } from "../lib/runtime/value.ts";
import type { Example, Objective, Part } from "../lib/train/objective.ts";
import { armObjective, type ArmObjectiveOptions } from "../lib/methods/arm.ts";
import { firstLabel, type GoldenArmHead, readArmHead } from "./arm.ts";
import { type GoldenModel, type HeadWeights, withHead } from "./golden_model.ts";
import { exact, type NumericArray, type Tolerance } from "./compare.ts";
import type { GoldenFile } from "./folder.ts";
import type { Golden } from "./golden.ts";
import { idsValue, numbersOf, runOnce } from "./run_once.ts";

const valueTolerance: Tolerance = { relative: 1e-5 };
const tensorTolerance: Tolerance = { absolute: 1e-5 };

/** The texts of a golden batch: tokens where the mask is 1, and labels. */
export async function readExamples(
  file: GoldenFile,
  path: string,
  labels: NumericArray,
): Promise<Example[]> {
  const ids = await file.ids(`${path}input_ids`);
  const mask = await file.ids(`${path}attention_mask`);
  const each = labels.data.length / ids.length;
  return ids.map((row, b) => ({
    ids: row.filter((_, t) => mask[b]?.[t] === 1),
    labels: Array.from(labels.data).slice(b * each, (b + 1) * each),
  }));
}

/** A whole batch, computed at once. */
export function wholeBatch(examples: readonly Example[]): Part {
  const tokens = examples.reduce((sum, { ids }) => sum + ids.length, 0);
  return { examples, rows: examples.length, tokens, random: new Random(0) };
}

/** The objective with given tokens in place of the regularizer's drawn ones. */
export function withNegatives(objective: Objective, negatives: () => number[][]): Objective {
  return {
    ...objective,
    async feeds(part) {
      const feeds = await objective.feeds(part);
      return feeds.negatives ? { ...feeds, negatives: idsValue(negatives()) } : feeds;
    },
  };
}

/** The number of tokens of each text. */
export function lengthsOf(examples: readonly Example[]): NumericArray {
  return { shape: [examples.length], data: examples.map(({ ids }) => ids.length) };
}

/** An objective's loss and terms on a batch, without a step. */
export async function lossesOf(
  objective: Objective,
  reference: GoldenModel,
  weights: HeadWeights,
  part: Part,
  device: Device,
): Promise<Record<string, number>> {
  const { loss, terms } = objective.loss(withHead(reference, weights));
  const others = Object.entries(terms).filter(([, term]) => term !== loss);
  const outputs = await runOnce(
    { loss, ...Object.fromEntries(others) },
    await objective.feeds(part),
    device,
  );
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { data }]) => [name, (data as Float32Array)[0]]),
  );
}

/** The rewards of a RAD head at every token: `[batch, time, labels]`, from the inputs `ids` and `mask`. */
export function radRewards(
  reference: GoldenModel,
  head: RadHead,
  weights: HeadWeights,
): Tensor<"float32"> {
  const shape = ["batch", "time"];
  const parameters = withHead(reference, weights);
  const { hidden } = forward(reference.backbone, parameters, {
    ids: input("ids", "int64", shape),
    mask: input("mask", "float32", shape),
  });
  return reshape(radReward(head, parameters, hidden), [...shape, head.labels]);
}

/** A RAD head of a golden file: its tensors `PREFIX.weight` and `PREFIX.bias`. */
export async function readRadHead(
  file: GoldenFile,
  prefix: string,
): Promise<{ head: RadHead; weights: HeadWeights }> {
  const weight = await file.tensor(`${prefix}.weight`);
  const bias = await file.tensor(`${prefix}.bias`);
  const [labels, width] = weight.shape;
  return {
    head: { labels, width },
    weights: new Map([["lm_head.weight", weight], ["lm_head.bias", bias]]),
  };
}

/** The rows of `[batch, time, labels]` at each text's last token: `[batch, labels]`. */
export function atLastTokens(
  { shape: [, time, labels], data }: NumericArray,
  examples: readonly Example[],
): NumericArray {
  const rows = examples.map(({ ids }, b) => {
    const start = (b * time + ids.length - 1) * labels;
    return Array.from({ length: labels }, (_, o) => data[start + o]);
  });
  return { shape: [examples.length, labels], data: rows.flat() };
}

/** What the objectives are fed, and what comes out, against the authors' code. */
export async function losses(golden: Golden): Promise<void> {
  const { folder, device, report } = golden;
  const file = folder.file("losses");
  const reference = await golden.reference();
  const { backbone } = reference;
  const heads = folder.file("arm");
  const full = await readArmHead(heads, backbone.width);
  const examples = await readExamples(file, "", await file.array("labels"));
  const part = wholeBatch(examples);
  const negatives = await file.ids("neg_targets");
  const objective = (
    head: GoldenArmHead,
    options: ArmObjectiveOptions & { baseline?: boolean } = {},
  ) =>
    withNegatives(
      armObjective(backbone, { ...head.head, baseline: options.baseline ?? true }, options),
      () => negatives,
    );
  const evaluate = (
    head: GoldenArmHead,
    options: ArmObjectiveOptions & { baseline?: boolean },
    batch = part,
  ) => lossesOf(objective(head, options), reference, head.weights, batch, device);

  await report.section("losses", async () => {
    const feeds = await objective(full, { published: true }).feeds(part);
    await compareFeeds(golden, file, feeds, examples);
    const predictions = await comparePredictions(golden, full, feeds);
    const scores = atLastTokens(predictions, examples);
    await report.compare(file, "scores_last_token", scores, tensorTolerance);
    await report.compare(file, "last_token_mse", squaredError(scores, examples), valueTolerance, {
      optional: true,
    });
  });

  await report.section("losses.total", async () => {
    const published = { published: true };
    const all = await evaluate(full, published);
    await report.compare(file, "cumulative_mse", all.cumulative, valueTolerance);
    await report.compare(file, "regularizer", all.regularizer, valueTolerance);
    const totals = {
      full: all.loss,
      no_reg: (await evaluate(full, { ...published, regularizer: 0 })).loss,
      no_reg_no_baseline:
        (await evaluate(full, { ...published, regularizer: 0, baseline: false })).loss,
      reg_no_baseline: (await evaluate(full, { ...published, baseline: false })).loss,
    };
    for (const [variant, total] of Object.entries(totals)) {
      await report.compare(file, `total.${variant}`, total, valueTolerance);
    }
    const first = await evaluate(firstLabel(full), { ...published, regularizer: 0 });
    await report.compare(file, "cumulative_mse_first_label_only", first.loss, valueTolerance);
  });

  await report.section("losses.total.single_label_no_reg", async () => {
    const single = await readArmHead(heads, backbone.width, "single.");
    const labelled = await readExamples(file, "", await file.array("labels_single"));
    const { loss } = await evaluate(
      single,
      { published: true, regularizer: 0 },
      wholeBatch(labelled),
    );
    await report.compare(file, "total.single_label_no_reg", loss, valueTolerance);
  });

  await report.section("losses.for_contrast_not_official", async () => {
    const { cumulative, regularizer } = await evaluate(full, {});
    const path = (name: string) => `for_contrast_not_official.${name}`;
    await report.compare(
      file,
      path("regularizer_over_target_positions_only"),
      regularizer,
      valueTolerance,
    );
    await report.compare(
      file,
      path("cumulative_mse_mean_over_labels"),
      cumulative,
      valueTolerance,
      { optional: true },
    );
  });

  await report.section("losses.distillation", async () => {
    const rad = await readRadHead(file, "rad");
    const teacher = async (ids: Value, mask: Value): Promise<Value> => {
      const rewards = radRewards(reference, rad.head, rad.weights);
      return (await runOnce({ rewards }, { ids, mask }, device)).rewards;
    };
    const feeds = await objective(full, { published: true, teacher }).feeds(part);
    const mask = realPositions(examples, negatives[0].length);
    await report.compare(file, "teacher_logits", numbersOf(feeds.teacher), tensorTolerance, {
      mask,
    });

    const distilled = { published: true, teacher };
    const path = (name: string) => `distillation.${name}`;
    const both = await evaluate(full, distilled);
    const withoutRegularizer = await evaluate(full, { ...distilled, regularizer: 0 });
    const withoutBaseline = await evaluate(full, {
      ...distilled,
      regularizer: 0,
      baseline: false,
    });
    const values = {
      mse: both.distillation,
      regularizer_all_positions: both.regularizer,
      "total.with_reg": both.loss,
      "total.without_reg": withoutRegularizer.loss,
      "total.no_reg_no_baseline": withoutBaseline.loss,
    };
    for (const [name, value] of Object.entries(values)) {
      await report.compare(file, path(name), value, valueTolerance);
    }
  });
}

/** The batch as the objective feeds it: BOS in front, padding behind, and the places that the regularizer sees. */
async function compareFeeds(
  { report }: Golden,
  file: GoldenFile,
  feeds: Readonly<Record<string, Value>>,
  examples: readonly Example[],
): Promise<void> {
  await report.compare(file, "lengths", lengthsOf(examples), exact);
  await report.compare(file, "input_ids", numbersOf(feeds.targets), exact);
  for (const [path, value] of [["input_ids", feeds.ids], ["attention_mask", feeds.mask]] as const) {
    const name = `${path}_with_bos`;
    const rows = (await file.ids(name)).map((row) => row.slice(0, -1));
    const expected = { shape: [rows.length, rows[0].length], data: rows.flat() };
    report.compareWith(`losses.${name} (its states)`, expected, numbersOf(value), exact);
  }
  const { shape, data } = numbersOf(feeds.regularizer_weights);
  const places = { shape, data: Array.from(data, (weight) => weight > 0 ? 1 : 0) };
  await report.compare(file, "reg_mask", places, exact);
  if (await file.hasTensor("labels")) {
    await report.section("losses.labels", async () => {
      const tensor = await file.tensor("labels");
      report.compareWith("losses.labels", tensor, numbersOf(feeds.labels), { relative: 1e-7 });
    });
  }
}

/** r̂ of the texts' tokens and the marginals of the drawn ones; gives r̂, `[batch, time, labels]`. */
async function comparePredictions(
  { folder, device, report, reference }: Golden,
  { head, weights }: GoldenArmHead,
  feeds: Readonly<Record<string, Value>>,
): Promise<NumericArray> {
  const file = folder.file("losses");
  const model = await reference();
  const { backbone } = model;
  const parameters = withHead(model, weights);
  const shape = ["batch", "time"];
  const ids = (name: string) => input(name, "int64", shape);
  const wte = outputEmbeddings(backbone, parameters);
  const embeddings = (name: string) => asRows(gather(wte, ids(name)));
  const { hidden } = forward(backbone, parameters, {
    ids: ids("ids"),
    mask: input("mask", "float32", shape),
  });
  const rewards = armReward(head, parameters, hidden, embeddings("targets"));
  const marginals = marginalOf(project(head, parameters, hidden), embeddings("negatives"));
  const outputs = await runOnce(
    {
      predictions: reshape(rewards, [...shape, head.labels]),
      neg_predictions: reshape(marginals, [...shape, head.labels]),
    },
    feeds,
    device,
  );
  const predictions = numbersOf(outputs.predictions);
  const real = (await file.ids("attention_mask")).flat();
  const regularized = (await file.ids("reg_mask")).flat();
  await report.compare(file, "predictions", predictions, tensorTolerance, { mask: real });
  await report.compare(file, "student_logits", predictions, tensorTolerance, { mask: real });
  const drawn = numbersOf(outputs.neg_predictions);
  await report.compare(file, "neg_predictions", drawn, tensorTolerance, { mask: regularized });
  return predictions;
}

function realPositions(examples: readonly Example[], time: number): number[] {
  return examples.flatMap(({ ids }) =>
    Array.from({ length: time }, (_, t) => t < ids.length ? 1 : 0)
  );
}

/** The squared error against the labels, summed over labels, averaged over texts. */
function squaredError({ shape: [rows, labels], data }: NumericArray, examples: readonly Example[]) {
  let sum = 0;
  for (let i = 0; i < rows * labels; i++) {
    sum += (data[i] - examples[Math.floor(i / labels)].labels[i % labels]) ** 2;
  }
  return sum / rows;
}
