import { rewardModelOf } from "../lib/methods/open_reward_model.ts";
import { radObjective } from "../lib/methods/rad.ts";
import { withHead } from "./golden_model.ts";
import { exact, type NumericArray, type Tolerance } from "./compare.ts";
import { compareDecoding } from "./decoding.ts";
import type { GoldenFile } from "./folder.ts";
import type { Golden } from "./golden.ts";
import {
  atLastTokens,
  lengthsOf,
  lossesOf,
  radRewards,
  readExamples,
  readRadHead,
  wholeBatch,
} from "./losses.ts";
import { floatsValue, idsValue, numbersOf, runOnce } from "./run_once.ts";

const tolerance: Tolerance = { absolute: 1e-5 };
const lossTolerance: Tolerance = { ...tolerance, relative: 1e-5 };
const guidedTolerance: Tolerance = { absolute: 1e-4 };

/** RAD: rewards of texts, of candidates after a prefix, its training loss, and decoding with it. */
export async function rad(golden: Golden): Promise<void> {
  const { folder, device, report } = golden;
  const file = folder.file("rad");
  const reference = await golden.reference();
  const { head, weights } = await readRadHead(file, "lm_head");
  const labels = Array.from({ length: head.labels }, (_, o) => `${o}`);
  const spec = { kind: "rad", backbone: reference.backbone, labels };
  const rewardsOf = async (rows: readonly (readonly number[])[]): Promise<NumericArray> => {
    const mask = rows.map((row) => row.map(() => 1));
    const feeds = { ids: idsValue(rows), mask: floatsValue(mask) };
    const rewards = radRewards(reference, head, weights);
    return numbersOf((await runOnce({ rewards }, feeds, device)).rewards);
  };

  await report.section("rad.rewards", async () => {
    const rewards = await rewardsOf(await file.ids("input_ids"));
    await report.compare(file, "rewards", rewards, tolerance);
  });

  await report.section("rad.candidates.rewards", async () => {
    const prefixes = await file.ids("candidates.prefix");
    const candidates = await file.ids("candidates.candidates");
    const k = candidates[0].length;
    const shape = [prefixes.length, k, head.labels];
    const path = "candidates.rewards";

    const texts = prefixes.flatMap((prefix, b) => candidates[b].map((token) => [...prefix, token]));
    const examples = texts.map((ids) => ({ ids, labels: [] }));
    const { data } = atLastTokens(await rewardsOf(texts), examples);
    await report.compare(file, path, { shape, data }, tolerance, { way: "full pass" });

    await using model = rewardModelOf(spec, withHead(reference, weights), device);
    using reading = await model.start(prefixes);
    const rated = (await reading.rate(idsValue(candidates))).data as Float32Array;
    const cached = prefixes.flatMap((_, b) =>
      candidates[b].flatMap((_, i) => labels.map((_, o) => rated[(b * head.labels + o) * k + i]))
    );
    await report.compare(file, path, { shape, data: cached }, tolerance, { way: "with a cache" });
  });

  await report.section("rad.training", async () => {
    const examples = await readExamples(file, "training.", await trainingLabels(golden, file));
    const objective = radObjective(reference.backbone, head, { published: true });
    const part = wholeBatch(examples);
    const { ids, mask } = await objective.feeds(part);
    await report.compare(file, "training.input_ids", numbersOf(ids), exact);
    await report.compare(file, "training.lengths", lengthsOf(examples), exact);
    const { loss } = await lossesOf(objective, reference, weights, part, device);
    await report.compare(file, "training.cumulative_mse", loss, lossTolerance);
    const { rewards } = await runOnce(
      { rewards: radRewards(reference, head, weights) },
      { ids, mask },
      device,
    );
    const scores = atLastTokens(numbersOf(rewards), examples);
    await report.compare(file, "training.scores", scores, tolerance);
  });

  await report.section("rad.decode", async () => {
    await using model = rewardModelOf(spec, withHead(reference, weights), device);
    await compareDecoding(golden, file, "decode", model, guidedTolerance);
  });
}

/** The labels of the training batch, given there or as `FILE.json: PATH`. */
async function trainingLabels({ folder }: Golden, file: GoldenFile): Promise<NumericArray> {
  const labels = await file.at("training.labels");
  const reference = typeof labels === "string" && /^(\w+)\.json: (\S+)$/.exec(labels);
  if (!reference) return await file.array("training.labels");
  const [, name, path] = reference;
  return await folder.file(name).array(path);
}
