import { compile } from "../graph/program.ts";
import { reshape } from "../graph/ops/mod.ts";
import type { Backbone } from "../models/backbone.ts";
import type { Parameters } from "../models/parameters.ts";
import { Random } from "../random.ts";
import type { Device } from "../runtime/device.ts";
import { Session } from "../runtime/session.ts";
import { read } from "../runtime/transfer.ts";
import { languageModelObjective } from "../train/language_model_objective.ts";
import { type Example, tokensOf } from "../train/objective.ts";
import { Turns } from "../turns.ts";
import { readTexts, tokenLogProbabilities } from "./ppo_objective.ts";
import { valueHead } from "./value_head.ts";

/** What is read of a text's tokens, one number for each that was drawn. */
export interface PolicyReading {
  /** log π of the policy. */
  readonly logProbabilities: Float32Array;
  /** log π of the reference. */
  readonly reference: Float32Array;
  readonly values: Float32Array;
}

/** Reads texts with the policy that wrote them and with the reference: one reading a text. */
export async function readWithPolicy(
  backbone: Backbone,
  examples: readonly Example[],
  { policy, reference, device, batchSize }: {
    readonly policy: Parameters;
    readonly reference: Parameters;
    readonly device: Device;
    readonly batchSize: number;
  },
): Promise<PolicyReading[]> {
  const texts = readTexts();
  const { hidden, logProbabilities } = tokenLogProbabilities(backbone, policy, texts);
  const before = tokenLogProbabilities(backbone, reference, texts);
  const perToken = ["batch", "time"];
  const graph = {
    logProbabilities: reshape(logProbabilities, perToken),
    reference: reshape(before.logProbabilities, perToken),
    values: reshape(valueHead(backbone, policy, hidden), perToken),
  };
  await using session = await Session.open(compile(graph), device, { prepacking: false });
  const objective = languageModelObjective(backbone);
  const readings = new Array<PolicyReading>(examples.length);
  const order = examples.map((_, i) => i)
    .sort((a, b) => examples[a].ids.length - examples[b].ids.length);
  const turns = new Turns();
  for (let start = 0; start < order.length; start += batchSize) {
    const rows = order.slice(start, start + batchSize);
    const batch = rows.map((i) => examples[i]);
    const { ids, mask, targets } = await objective.feeds({
      examples: batch,
      rows: batch.length,
      tokens: tokensOf(batch),
      random: new Random(0, "reading"),
    });
    const time = ids.dims[1];
    const outputs = await session.run({ ids, mask, targets });
    const [own, reference, values] = await Promise.all(
      [outputs.logProbabilities, outputs.reference, outputs.values].map((value) =>
        read(value, "float32", device)
      ),
    );
    rows.forEach((i, row) => {
      const { ids, given = 0, goesOn } = examples[i];
      const drawn = (all: Float32Array) =>
        all.slice(row * time + given, row * time + ids.length + (goesOn ? 0 : 1));
      readings[i] = {
        logProbabilities: drawn(own),
        reference: drawn(reference),
        values: drawn(values),
      };
    });
    await turns.take();
  }
  return readings;
}
