import { guidanceFeeds, type GuidanceShape, guide } from "../lib/decode/guidance.ts";
import { gatherLast, softmax, topK, unsqueeze } from "../lib/graph/ops/mod.ts";
import { input } from "../lib/graph/tensor.ts";
import { rewardModelOf } from "../lib/methods/open_reward_model.ts";
import { floats, integers } from "../lib/runtime/value.ts";
import { readArmHead } from "./arm.ts";
import { withHead } from "./golden_model.ts";
import type { NumericArray, Tolerance } from "./compare.ts";
import { compareDecoding } from "./decoding.ts";
import type { Golden } from "./golden.ts";
import { numbersOf, runOnce } from "./run_once.ts";

const logitsTolerance: Tolerance = { absolute: 1e-5 };
const probabilityTolerance: Tolerance = { absolute: 1e-6 };
const decodingTolerance: Tolerance = { absolute: 2e-4 };

/** The guided step, equation (1), on given logits and rewards, and decoding with an ARM. */
export async function guided(golden: Golden): Promise<void> {
  const { folder, report } = golden;
  const file = folder.file("guided");
  await report.section("guided.cases", async () => {
    const count = await file.count("cases");
    for (let i = 0; i < count; i++) {
      await report.section(`guided.cases.${i}`, () => guidedStep(golden, `cases.${i}`));
    }
  });
  await report.section("guided.decode", async () => {
    const reference = await golden.reference();
    const { head, weights } = await readArmHead(folder.file("arm"), reference.backbone.width);
    const labels = Array.from({ length: head.labels }, (_, o) => `${o}`);
    const spec = { kind: "arm", backbone: reference.backbone, labels, baseline: true };
    await using model = rewardModelOf(spec, withHead(reference, weights), golden.device);
    const count = await file.count("decode.cases");
    for (let i = 0; i < count; i++) {
      const path = `decode.cases.${i}`;
      await report.section(
        `guided.${path}`,
        () => compareDecoding(golden, file, path, model, decodingTolerance),
      );
    }
  });
}

const rewardsOfOneLabel: GuidanceShape = {
  guides: [{ rule: "reward", labels: 1, filters: false }],
  wholeVocabulary: false,
  baseNucleus: false,
};

async function guidedStep({ folder, device, report }: Golden, path: string): Promise<void> {
  const file = folder.file("guided");
  const base = await file.array(`${path}.base_logits`);
  const rewards = await file.array(`${path}.rewards`);
  const [rows, vocabulary] = base.shape;
  const k = Math.min(await file.number(`${path}.k`), vocabulary);
  const beta = await file.number(`${path}.beta`);
  const inverse = await file.boolean(`${path}.inverse`);

  const shape = ["batch", "vocabulary"];
  const [kept, ids] = topK(input("logits", "float32", shape), "$k");
  const rated = unsqueeze(gatherLast(input("all_rewards", "float32", shape), ids), [1]);
  const { guided: logits } = guide(rewardsOfOneLabel, kept, ids, [rated]);
  const outputs = await runOnce(
    { ids, guided: logits, probabilities: softmax(logits) },
    {
      k: integers([1], [k]),
      logits: floats(base.shape, Float32Array.from(base.data)),
      all_rewards: floats(rewards.shape, Float32Array.from(rewards.data)),
      ...guidanceFeeds([{ labels: [""], steering: [{ label: "", beta, inverse }] }]),
    },
    device,
  );
  const places = numbersOf(outputs.ids).data;
  /** The k values of every row at their tokens, and `elsewhere` for all other tokens. */
  const overVocabulary = (values: NumericArray, elsewhere: number): NumericArray => {
    const data = new Float32Array(rows * vocabulary).fill(elsewhere);
    for (let i = 0; i < rows * k; i++) {
      data[Math.floor(i / k) * vocabulary + places[i]] = values.data[i];
    }
    return { shape: base.shape, data };
  };
  const guidedRows = overVocabulary(numbersOf(outputs.guided), -Infinity);
  const likelihood = overVocabulary(numbersOf(outputs.probabilities), 0);
  await report.compare(file, `${path}.guided_logits`, guidedRows, logitsTolerance);
  await report.compare(file, `${path}.probabilities`, likelihood, probabilityTolerance);
}
