import { requireSameTokenizer } from "../data/same_tokenizer.ts";
import type { Guide } from "../decode/generate.ts";
import type { OpenedBase } from "../bases/open_base.ts";
import { openRewardModel } from "../methods/open_reward_model.ts";
import type { RadOptions } from "../methods/rad_options.ts";
import type { Device } from "../runtime/device.ts";
import { modelAt } from "../weights/hub.ts";
import { type SteeringGroup, steeringOf } from "./steering_options.ts";

export interface OpenGuidesOptions extends RadOptions {
  /** Whether the first label is taken where a model has several and none is named, as where it can be chosen later. */
  firstLabel?: boolean;
  /** Stops the fetching from the hub. */
  signal?: AbortSignal;
}

/**
 * Opens the reward models that steer a base model, in their order.
 *
 * @param models what gives them back, also where a later one cannot be opened.
 * @throws {Error} one sentence, if one cannot be opened, has no such label, or has another tokenizer than the base.
 */
export async function openGuides(
  groups: readonly SteeringGroup[],
  { tokenizer, tokenizerName }: OpenedBase,
  device: Device,
  models: AsyncDisposableStack,
  { signal, firstLabel, ...rad }: OpenGuidesOptions = {},
): Promise<Guide[]> {
  const guides: Guide[] = [];
  const folders: string[] = [];
  for (const group of groups) {
    const folder = await modelAt(group.folder, { signal });
    folders.push(folder);
    const model = models.use(await openRewardModel(folder, device, rad));
    const { labels } = model;
    const ways = group.ways.map((way) => firstLabel ? { label: labels[0], ...way } : way);
    guides.push({ model, steering: steeringOf({ ...group, ways }, labels), filter: group.filter });
  }
  await requireSameTokenizer(tokenizer, tokenizerName, folders);
  return guides;
}
