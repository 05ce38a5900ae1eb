import { join } from "node:path";
import { generate } from "../lib/decode/generate.ts";
import type { StepTrace } from "../lib/decode/generate_options.ts";
import { openOwnBase } from "../lib/bases/own_base.ts";
import { asRows, gather, reshape, unsqueeze } from "../lib/graph/ops/mod.ts";
import { input } from "../lib/graph/tensor.ts";
import { forward as readTexts } from "../lib/models/forward.ts";
import { outputEmbeddings } from "../lib/models/language_model_head.ts";
import { armCandidateRewards, armReward, marginalOf, project } from "../lib/methods/arm.ts";
import { rewardModelOf } from "../lib/methods/open_reward_model.ts";
import type { Example } from "../lib/train/objective.ts";
import { armObjective } from "../lib/methods/arm.ts";
import { Trainer } from "../lib/train/trainer.ts";
import { type GoldenArmHead, readArmHead } from "./arm.ts";
import { exact, type NumericArray, type Tolerance } from "./compare.ts";
import type { GoldenFile } from "./folder.ts";
import { forward } from "./forward.ts";
import type { Golden } from "./golden.ts";
import { withHead } from "./golden_model.ts";
import { lossesOf, radRewards, readRadHead, wholeBatch, withNegatives } from "./losses.ts";
import { floatsValue, idsValue, numbersOf, runOnce } from "./run_once.ts";
import { Slopes } from "./slopes.ts";

const tensorTolerance: Tolerance = { absolute: 3e-5 };
const valueTolerance: Tolerance = { relative: 1e-4 };
const gradientTolerance: Tolerance = { absolute: 1e-4, relative: 2e-4 };
const decodingTolerance: Tolerance = { absolute: 5e-4 };
/** Below this the two best tokens of a step may change places. */
const smallestMargin = 2e-3;

/** How the files of a further backbone are compared, by their names. */
const backboneComparisons = {
  forward: (golden: Golden) => forward(golden, tensorTolerance),
  arm,
  decode,
};

/** The folders of further backbones in a folder. */
export async function backboneFolders(path: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(path)) {
    if (isDirectory && await isThere(join(path, name, "forward.json"))) names.push(name);
  }
  return names.sort();
}

/** The comparisons of those files that a folder has. */
export async function backboneComparisonsIn(
  path: string,
): Promise<Partial<typeof backboneComparisons>> {
  const present: string[] = [];
  for (const name of Object.keys(backboneComparisons)) {
    if (await isThere(join(path, `${name}.json`))) present.push(name);
  }
  return Object.fromEntries(
    Object.entries(backboneComparisons).filter(([name]) => present.includes(name)),
  );
}

const isThere = (path: string) => Deno.stat(path).then(() => true, () => false);

/** The heads of ARM and RAD, the losses as published, every gradient, and steps of AdamW. */
async function arm(golden: Golden): Promise<void> {
  const { folder, report } = golden;
  const file = folder.file("arm");
  await report.section("arm.heads", () => heads(golden, file));
  await report.section("arm.training", () => training(golden, file));
}

async function heads(golden: Golden, file: GoldenFile): Promise<void> {
  const { device, report, reference } = golden;
  const model = await reference();
  const { backbone } = model;
  const { head, weights } = await readArmHead(file, backbone.width);
  const parameters = withHead(model, weights);
  const rows = await file.ids("input_ids");
  const mask = await file.ids("attention_mask");
  const [negatives] = await file.at("neg_targets") as number[][][];

  const shape = ["batch", "time"];
  const { hidden } = readTexts(backbone, parameters, {
    ids: input("ids", "int64", shape),
    mask: input("mask", "float32", shape),
  });
  const embeddings = outputEmbeddings(backbone, parameters);
  const embedded = (name: string) => asRows(gather(embeddings, input(name, "int64", shape)));
  const perToken = [...shape, head.labels];
  const { head: radHead, weights: radWeights } = await readRadHead(file, "rad");
  const outputs = await runOnce(
    {
      r_hat: reshape(armCandidateRewards(head, parameters, hidden, unsqueeze(embeddings, [0])), [
        ...perToken,
        backbone.vocabulary,
      ]),
      predictions: reshape(armReward(head, parameters, hidden, embedded("targets")), perToken),
      neg_predictions: reshape(
        marginalOf(project(head, parameters, hidden), embedded("negatives")),
        perToken,
      ),
    },
    {
      // position t − 1 rates token t
      ids: idsValue(rows.map((row) => row.slice(0, -1))),
      mask: floatsValue(mask.map((row) => row.slice(0, -1))),
      targets: idsValue(rows.map((row) => row.slice(1))),
      negatives: idsValue(negatives),
    },
    device,
  );
  const isTarget = mask.flatMap((row) => row.slice(1));
  for (const [path, value] of Object.entries(outputs)) {
    await report.compare(file, path, numbersOf(value), tensorTolerance, { mask: isTarget });
  }
  const { rewards } = await runOnce(
    { rewards: radRewards(model, radHead, radWeights) },
    { ids: idsValue(rows), mask: floatsValue(mask) },
    device,
  );
  await report.compare(file, "rad.rewards", numbersOf(rewards), tensorTolerance, {
    mask: mask.flat(),
  });
}

async function training({ device, report, reference }: Golden, file: GoldenFile): Promise<void> {
  const model = await reference();
  const { head, weights }: GoldenArmHead = await readArmHead(file, model.backbone.width);
  const part = wholeBatch(await examplesIn(file));
  const negatives = await file.at("neg_targets") as number[][][];
  let step = 0;
  const objectiveWith = (published: boolean) =>
    withNegatives(armObjective(model.backbone, head, { published }), () => negatives[step]);
  const objective = objectiveWith(true);

  const { cumulative, regularizer } = await lossesOf(objective, model, weights, part, device);
  await report.compare(file, "cumulative_mse", cumulative, valueTolerance);
  await report.compare(file, "regularizer", regularizer, valueTolerance);
  const asInThePaper = await lossesOf(objectiveWith(false), model, weights, part, device);
  const path = "regularizer_over_target_positions_only";
  await report.compare(file, path, asInThePaper.regularizer, valueTolerance);

  const initial = await model.values();
  for (const [name, { data }] of weights) initial.set(name, Float32Array.from(data));
  await using slopes = await Slopes.open(objective, device);
  const { gradients } = await slopes.at(initial, part);
  for (const [name, gradient] of gradients) {
    await report.compare(file, `grad.${name}`, gradient, gradientTolerance);
  }

  await using trainer = await Trainer.open(objective, initial, device, {
    adamw: { betas: [0.9, 0.95], epsilon: 1e-8, weightDecay: 0.02 },
  });
  const losses: number[] = [];
  for (step = 0; step < negatives.length; step++) {
    losses.push((await trainer.step([part], 1e-3)).loss);
  }
  const computed = { shape: [losses.length], data: losses };
  await report.compare(file, "losses_before_steps", computed, valueTolerance);
}

/** The texts without BOS and padding, with their labels. */
async function examplesIn(file: GoldenFile): Promise<Example[]> {
  const rows = await file.ids("input_ids");
  const mask = await file.ids("attention_mask");
  const labels = Array.from((await file.array("text_labels")).data);
  const each = labels.length / rows.length;
  return rows.map((row, b) => ({
    ids: row.filter((_, t) => t > 0 && mask[b]?.[t] === 1),
    labels: labels.slice(b * each, (b + 1) * each),
  }));
}

/** Greedy guided decoding by the engine itself, the model as base and as backbone of an ARM. */
async function decode({ folder, device, report, reference }: Golden): Promise<void> {
  const file = folder.file("decode");
  const { backbone, parameters, ...model } = await reference();
  const { head, weights } = await readArmHead(folder.file("arm"), backbone.width);
  const labels = Array.from({ length: head.labels }, (_, o) => `${o}`);
  const spec = { kind: "arm", backbone, labels, baseline: true };
  const full = { ...model, backbone, parameters };
  await using guide = rewardModelOf(spec, withHead(full, weights), device);
  await using base = openOwnBase({ kind: "lm", backbone, bos: true }, parameters, device);
  const count = await file.count("cases");
  for (let i = 0; i < count; i++) {
    const path = `cases.${i}`;
    await report.section(`decode.${path}`, async () => {
      const tokens = await file.at(`${path}.tokens`) as number[];
      const label = labels[await file.number(`${path}.label`)];
      const guided: number[] = [];
      const { continuations } = await generate(
        base,
        [await file.at(`${path}.prompt`) as number[]],
        {
          guides: [{
            model: guide,
            steering: [{ label, beta: await file.number(`${path}.beta`) }],
          }],
          topK: await file.number(`${path}.k`),
          samples: 1,
          maxNewTokens: tokens.length,
          ends: [],
          temperature: 0,
          label: "Decoding",
          onStep: (step) => guided.push(...byBaseLogit(step)),
        },
      );
      const shape = [tokens.length, guided.length / tokens.length];
      const logits: NumericArray = { shape, data: guided };
      await report.compare(file, `guided.${i}`, logits, decodingTolerance);
      if (await file.number(`${path}.smallest_margin`) >= smallestMargin) {
        const [[drawn]] = continuations;
        const taken: NumericArray = { shape: [drawn.length], data: Array.from(drawn) };
        await report.compare(file, `${path}.tokens`, taken, exact);
      }
    });
  }
}

/** Guided logits of one row, the candidate with the largest base logit first. */
function byBaseLogit({ logits, guided }: StepTrace): number[] {
  const [of, values] = [logits.data as Float32Array, guided.data as Float32Array];
  return [...of.keys()].sort((a, b) => of[b] - of[a]).map((place) => values[place]);
}
