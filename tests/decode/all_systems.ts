import { join } from "node:path";
import { openBaseModel } from "../../lib/bases/own_base.ts";
import type { BaseModel } from "../../lib/bases/base_model.ts";
import { modelSpecJson } from "../../lib/methods/model_spec.ts";
import { openRewardModel } from "../../lib/methods/open_reward_model.ts";
import type { RewardModel } from "../../lib/methods/reward_model.ts";
import type { Device } from "../../lib/runtime/device.ts";
import { type BaseName, baseNames } from "../open_tiny_models.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { writeTinyModel } from "../tiny_models.ts";

/** A tiny model of every kind that steers; `radPlain` is the same model as `rad`. */
export const systemNames = [
  "arm",
  "armWithoutBaseline",
  "rad",
  "radPlain",
  "fudge",
  "gedi",
  "dexperts",
] as const;
export type SystemName = typeof systemNames[number];

/** Those that rate all next tokens from what they have read. */
export const onePassNames: readonly SystemName[] = [
  "arm",
  "armWithoutBaseline",
  "gedi",
  "dexperts",
];

export interface Systems {
  readonly bases: Readonly<Record<BaseName, BaseModel>>;
  readonly guides: Readonly<Record<SystemName, RewardModel>>;
}

/** Runs `test` with two tiny base models and a tiny model of every kind that steers. */
export async function withAllSystems(
  device: Device,
  test: (systems: Systems) => Promise<void>,
): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    await using opened = new AsyncDisposableStack();
    const bases = {} as Record<BaseName, BaseModel>;
    for (const name of baseNames) {
      bases[name] = opened.use(await openBaseModel(await writeTinyModel(folder, name), device));
    }
    const guides = {} as Record<SystemName, RewardModel>;
    for (const name of systemNames) {
      const plain = name === "radPlain";
      const path = name === "dexperts"
        ? await writeExperts(folder)
        : await writeTinyModel(folder, plain ? "rad" : name);
      guides[name] = opened.use(await openRewardModel(path, device, { plain }));
    }
    await test({ bases, guides });
  });
}

/** Two language models as expert and anti-expert. */
async function writeExperts(folder: string): Promise<string> {
  const path = join(folder, "dexperts");
  await Deno.mkdir(path);
  const spec = { kind: "dexperts", labels: ["kind"], expert: "lm", antiexpert: "bosLm" } as const;
  await writeTinyModel(path, "lm");
  const other = await writeTinyModel(path, "bosLm");
  // weights of the other language model, read as this one is
  await Deno.copyFile(join(path, "lm", "config.json"), join(other, "config.json"));
  await Deno.writeTextFile(join(path, "config.json"), JSON.stringify(modelSpecJson(spec)));
  return path;
}
