import { join } from "node:path";
import { readPreferencePairs } from "../../data/preference_pairs.ts";
import type { RewardModelOptions } from "../../methods/reward_model_options.ts";
import { trainRewardModel } from "../../methods/train_reward_model.ts";
import { defineStage, type Json, type Stage } from "../../stages/stage.ts";
import { files } from "./files.ts";
import { trainingOf, type TrainingSettings, withinStage } from "./model_stages.ts";

/** What reward models are trained by on preference pairs. */
export type PairedModelSettings =
  & TrainingSettings
  & Pick<RewardModelOptions, "kind" | "rewardScale" | "regularizer" | "constraint">
  & {
    /** What chosen texts have more of. */
    readonly label: string;
  };

/** A reward model, trained on preference pairs. */
export function pairedRewardModel(
  name: string,
  { pairs, base }: { pairs: Stage; base: Stage },
  settings: PairedModelSettings,
  seconds: number,
): Stage {
  const { label, ...others } = settings;
  return defineStage({
    kind: "reward-model-on-pairs/1",
    title: `Training ${name}`,
    settings: { ...settings } as unknown as Json,
    needs: { pairs, base },
    cost: { seconds, disk: base.cost.disk, memory: base.cost.memory },
    async make(folder, from, { device, signal }) {
      const data = await readPreferencePairs(join(from.pairs, files.pairs), { preference: label });
      await trainRewardModel(data, device, {
        ...trainingOf(others),
        base: from.base,
        out: folder,
        ...withinStage,
        signal,
      });
    },
  });
}
