import { openBaseModel } from "../lib/bases/own_base.ts";
import type { BaseModel } from "../lib/bases/base_model.ts";
import { openRewardModel } from "../lib/methods/open_reward_model.ts";
import type { RewardModel } from "../lib/methods/reward_model.ts";
import { cpu } from "./run_graph.ts";
import { withTemporaryFolder } from "./temporary_folder.ts";
import { type TinyModel, writeTinyModel } from "./tiny_models.ts";
import { WholeTextModel } from "./whole_text_model.ts";

export type BaseName = "lm" | "bosLm";
export const baseNames: readonly BaseName[] = ["lm", "bosLm"];
export const guideNames = ["arm", "armWithoutBaseline", "rad"] as const;
export type GuideName = typeof guideNames[number];

/** All the tiny models, as decoding opens them and as whole texts see them. */
export interface TinyModels {
  readonly bases: Readonly<Record<BaseName, BaseModel>>;
  readonly guides: Readonly<Record<GuideName, RewardModel>>;
  readonly whole: Readonly<Record<TinyModel, WholeTextModel>>;
}

/** Runs `test` with the tiny models, written to a folder and opened from it. */
export async function withTinyModels(test: (models: TinyModels) => Promise<void>): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    await using opened = new AsyncDisposableStack();
    const models = { bases: {}, guides: {}, whole: {} } as {
      bases: Record<BaseName, BaseModel>;
      guides: Record<GuideName, RewardModel>;
      whole: Record<TinyModel, WholeTextModel>;
    };
    for (const name of [...baseNames, ...guideNames]) {
      const path = await writeTinyModel(folder, name);
      models.whole[name] = opened.use(await WholeTextModel.open(path));
      if (name === "lm" || name === "bosLm") {
        models.bases[name] = opened.use(await openBaseModel(path, cpu));
      } else {
        models.guides[name] = opened.use(await openRewardModel(path, cpu));
      }
    }
    await test(models);
  });
}
