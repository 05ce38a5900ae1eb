import { measureEfficiency } from "../../lib/experiments/efficiency.ts";
import type { RewardSystem } from "../../lib/experiments/random_models.ts";
import type { Device } from "../../lib/runtime/device.ts";
import { decodingQuantity } from "./measurement.ts";
import type { Finding } from "./row.ts";
import type { BenchScale } from "./scale.ts";

/** Milliseconds of a step of systems that steer, each beside the unguided model, as the experiment measures them. */
export async function* decoding(
  device: Device,
  { decoding, newTokens, topK, rounds }: BenchScale,
  batch: number,
  systems: readonly RewardSystem[],
): AsyncGenerator<Finding> {
  const measured = measureEfficiency(device, {
    scale: decoding,
    // once for each batch
    systems: systems.includes("arm") ? [...systems, "unguided"] : systems,
    topK: [topK],
    samples: batch,
    maxNewTokens: newTokens,
    rounds,
  });
  for await (const row of measured) {
    yield {
      quantity: decodingQuantity(row.system, batch, topK),
      value: row.ms_per_token,
      unit: "ms a step",
      about: {
        least_ms: row.min_ms,
        most_ms: row.max_ms,
        over_unguided: row.over_unguided,
        tokens_per_second: row.tokens_per_second,
      },
    };
  }
}
