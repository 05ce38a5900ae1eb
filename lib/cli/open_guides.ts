import type { Guide } from "../decode/generate.ts";
import type { OpenedBase } from "../bases/open_base.ts";
import { scorerModel, type ScorerModelOptions } from "../eval/scorer_model.ts";
import { openScorer } from "../eval/scorers/mod.ts";
import { openRewardModel, type OpenRewardModelOptions } from "../methods/open_reward_model.ts";
import type { Device } from "../runtime/device.ts";
import { modelAt } from "../weights/hub.ts";
import { type SteeringGroup, steeringOf } from "./steering_options.ts";

export interface OpenGuidesOptions extends Omit<OpenRewardModelOptions, "baseTokenizer"> {
  /** Whether the first label is taken where a model has several and none is named, as where it can be chosen later. */
  firstLabel?: boolean;
  /** How scorers steer. */
  scorer?: ScorerModelOptions;
}

/**
 * Opens the reward models and scorers that steer a base model, in their order. One that has another tokenizer than the base reads
 * candidates as text, which is said on standard error.
 *
 * @param models what gives them back, also where a later one cannot be opened.
 * @throws {Error} one sentence, if one cannot be opened, has no such label, or has another tokenizer than the base and
 *   cannot or shall not read candidates as text.
 */
export async function openGuides(
  groups: readonly SteeringGroup[],
  base: OpenedBase,
  device: Device,
  models: AsyncDisposableStack,
  { signal, firstLabel, scorer: scorerOptions, ...reading }: OpenGuidesOptions = {},
): Promise<Guide[]> {
  const { tokenizer, tokenizerName } = base;
  const guides: Guide[] = [];
  const said = new Set<string>();
  for (const group of groups) {
    const { folder } = group;
    const open = async () => {
      if (group.scorer) {
        const scorer = models.use(await openScorer(folder, { device, signal }));
        return scorerModel(scorer, base, scorerOptions);
      }
      const path = await modelAt(folder, { signal });
      return await openRewardModel(path, device, { ...reading, baseTokenizer: tokenizer });
    };
    const model = models.use(await open());
    if (model.byText && !said.has(folder)) {
      said.add(folder);
      const { retokenize, difference } = model.byText;
      console.error(
        `'${tokenizerName}' and '${folder}' have different tokenizers (${difference}), so the latter reads ` +
          (retokenize === "text" ? "texts with each candidate." : "each candidate by itself."),
      );
    }
    const { labels } = model;
    const ways = group.ways.map((way) => firstLabel ? { label: labels[0], ...way } : way);
    guides.push({ model, steering: steeringOf({ ...group, ways }, labels), filter: group.filter });
  }
  return guides;
}
