import { reshape, unsqueeze } from "../lib/graph/ops/mod.ts";
import { input } from "../lib/graph/tensor.ts";
import { forward } from "../lib/models/forward.ts";
import { outputEmbeddings } from "../lib/models/language_model_head.ts";
import {
  armCandidateRewards,
  type ArmHead,
  armHeadShapes,
  prefixBaseline,
} from "../lib/methods/arm.ts";
import { type HeadWeights, withHead } from "./golden_model.ts";
import type { NumericArray, Tolerance } from "./compare.ts";
import type { GoldenFile } from "./folder.ts";
import type { Golden } from "./golden.ts";
import { floatsValue, idsValue, numbersOf, runOnce } from "./run_once.ts";

const tolerance: Tolerance = { absolute: 1e-5 };

/** A head and its weights. */
export interface GoldenArmHead {
  readonly head: ArmHead;
  readonly weights: HeadWeights;
}

/**
 * An ARM head of `arm.safetensors`, with its baseline.
 *
 * @param prefix what stands before the names of its tensors, `single.` for the head with one label.
 */
export async function readArmHead(
  file: GoldenFile,
  width: number,
  prefix: "" | "single." = "",
): Promise<GoldenArmHead> {
  const names = [...armHeadShapes({ labels: 1, width, baseline: true }).keys()];
  const weights = new Map<string, NumericArray>();
  for (const name of names) weights.set(name, await file.tensor(prefix + name));
  const [rows] = weights.get(names[0])!.shape;
  return { head: { labels: rows / width, width, baseline: true }, weights };
}

/** The same head for its first label only. */
export function firstLabel({ head, weights }: GoldenArmHead): GoldenArmHead {
  const first = { ...head, labels: 1 };
  const cut = [...armHeadShapes(first)].map(([name, shape]) => {
    const size = shape.reduce((product, extent) => product * extent, 1);
    return [name, { shape, data: Array.from(weights.get(name)!.data).slice(0, size) }] as const;
  });
  return { head: first, weights: new Map(cut) };
}

/** The ARM head on the backbone: ratings of the whole vocabulary after every prefix, and their parts. */
export async function arm({ folder, device, report, reference }: Golden): Promise<void> {
  const file = folder.file("arm");
  const model = await reference();
  const { backbone } = model;
  const rows = await file.ids("input_ids");
  const { head, weights } = await readArmHead(file, backbone.width);
  const parameters = withHead(model, weights);

  const shape = ["batch", "time"];
  const { hidden } = forward(backbone, parameters, {
    ids: input("ids", "int64", shape),
    mask: input("mask", "float32", shape),
  });
  const embeddings = outputEmbeddings(backbone, parameters);
  const vocabulary = unsqueeze(embeddings, [0]);
  const rated = (of: ArmHead) =>
    reshape(armCandidateRewards(of, parameters, hidden, vocabulary), [
      ...shape,
      head.labels,
      backbone.vocabulary,
    ]);
  const baseline = prefixBaseline(head, parameters, hidden);
  const outputs = await runOnce(
    {
      hidden: reshape(hidden, [...shape, backbone.width]),
      "with_baseline.r_hat": rated(head),
      "with_baseline.baseline": reshape(baseline, [...shape, head.labels]),
      "with_baseline.delta": rated({ ...head, baseline: false }),
    },
    { ids: idsValue(rows), mask: floatsValue(rows.map((row) => row.map(() => 1))) },
    device,
  );
  for (const [path, value] of Object.entries(outputs)) {
    await report.compare(file, path, numbersOf(value), tolerance);
  }
}
