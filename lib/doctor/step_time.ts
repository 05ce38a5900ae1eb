import { generate } from "../decode/generate.ts";
import { efficiencyScales } from "../experiments/efficiency_scales.ts";
import { RandomModels } from "../experiments/random_models.ts";
import type { Backbone } from "../models/backbone.ts";
import type { Device } from "../runtime/device.ts";

/** The paper's reward model. */
export const paperReward: Backbone = efficiencyScales.paper.shapes.reward;

/** What stands in for it where a device is the CPU under another name, and would take minutes. */
export const smallStandIn: Backbone = efficiencyScales.small.shapes.reward;

/** Tokens before those that are written, and of these at most. */
const prompt = [1, 2, 3, 4];
const mostTokens = 20;

/**
 * Milliseconds of a step that writes a token of one text, on random weights: prompt and caches as in any generation.
 *
 * @param seconds how long may be measured, but for loading and the first step.
 * @throws {RangeError} if there is not the disk or the memory for the weights.
 */
export async function stepTime(
  device: Device,
  backbone: Backbone,
  seconds: number,
): Promise<number> {
  await using models = await RandomModels.write({ base: backbone, reward: backbone }, []);
  await using base = await models.openBase(device);
  const time = async (maxNewTokens: number) => {
    const began = performance.now();
    await generate(base, [prompt], { topK: 20, samples: 1, maxNewTokens, ends: [] });
    return (performance.now() - began) / maxNewTokens;
  };
  // the first one loads; the second one says how many there is time for
  await time(2);
  const step = await time(2);
  const tokens = Math.min(mostTokens, Math.floor(1000 * seconds / step) - 2);
  return tokens > 2 ? await time(tokens) : step;
}
