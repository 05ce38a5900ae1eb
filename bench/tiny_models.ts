import { measuredModel } from "../lib/experiments/efficiency.ts";
import { gpt2Backbone } from "../lib/models/gpt2.ts";
import type { Guide } from "../lib/decode/generate.ts";
import { randomLabel, RandomModels, type RewardSystem } from "../lib/experiments/random_models.ts";
import { Random } from "../lib/random.ts";
import type { BaseModel } from "../lib/bases/base_model.ts";
import type { Device } from "../lib/runtime/device.ts";

/** So small that what is not arithmetic shows. */
const backbone = gpt2Backbone({ vocabulary: 2048, context: 64, width: 128, layers: 4, heads: 4 });

/** What tiny models are called in results. */
export const tinyShapes = { base: measuredModel(backbone), reward: measuredModel(backbone) };

/** A tiny base model and what steers it. Their weights are gone when this is disposed. */
export interface TinyModels extends AsyncDisposable {
  readonly base: BaseModel;
  readonly guides: readonly Guide[];
}

/**
 * Writes the weights, and opens the models. Nothing is loaded before it is used.
 *
 * @param system what steers; nothing where it is undefined.
 */
export async function openTinyModels(
  system: RewardSystem | undefined,
  device: Device,
  signal?: AbortSignal,
): Promise<TinyModels> {
  await using stack = new AsyncDisposableStack();
  const systems = system ? [system] : [];
  const models = stack.use(
    await RandomModels.write({ base: backbone, reward: backbone }, systems, { signal }),
  );
  const base = stack.use(await models.openBase(device));
  const guides: Guide[] = [];
  for (const each of systems) {
    const model = stack.use(await models.openReward(each, device));
    guides.push({ model, steering: [{ label: randomLabel }] });
  }
  const opened = stack.move();
  return { base, guides, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

/** Prompts of `least` to `most` random tokens. */
export function randomPrompts(
  count: number,
  { least, most, seed = 0 }: { least: number; most: number; seed?: number },
): number[][] {
  const random = new Random(seed, "prompts");
  return Array.from({ length: count }, () => {
    const length = least + random.integer(most - least + 1);
    return Array.from({ length }, () => random.integer(backbone.endOfText));
  });
}
