import { join } from "node:path";
import { openBaseModel } from "../../lib/bases/own_base.ts";
import { languageModelTerm } from "../../lib/bases/language_model_term.ts";
import type { OpenFormula } from "../../lib/bases/open_formula.ts";
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
  "rectification",
  "genarm",
  "farma",
  "args",
  "cd",
] as const;
export type SystemName = typeof systemNames[number];

/** Those that rate all next tokens from what they have read. */
export const onePassNames: readonly SystemName[] = [
  "arm",
  "armWithoutBaseline",
  "gedi",
  "dexperts",
  "rectification",
  "genarm",
  "farma",
];

/** Formulas of the base models; those of `unionNames` need all tokens. */
export const formulaNames = ["sum", "likely"] as const;
export const unionNames = ["union", "intersection"] as const;
export type FormulaName = typeof formulaNames[number] | typeof unionNames[number];

export interface Systems {
  readonly bases: Readonly<Record<BaseName, BaseModel>>;
  readonly formulas: Readonly<Record<FormulaName, OpenFormula>>;
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
    await test({ bases, guides, formulas: formulasOf(bases) });
  });
}

function formulasOf({ lm, bosLm }: Systems["bases"]): Systems["formulas"] {
  const models = [languageModelTerm(bosLm), languageModelTerm(lm, [5, 3, 8])];
  const [base, one, other] = [-1, 0, 1].map((leaf) => ({ kind: "leaf", leaf }) as const);
  const sum = { kind: "sum", terms: [[1, base], [0.7, one], [-0.4, other]] } as const;
  const open = (formula: OpenFormula["formula"], needsAllTokens = false): OpenFormula => ({
    formula,
    models,
    needsAllTokens,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
  return {
    sum: open(sum),
    likely: open({ kind: "likely", of: sum, by: base, share: 0.05 }),
    union: open(
      { kind: "sum", terms: [[1, base], [2, { kind: "union", of: [one, other] }]] },
      true,
    ),
    intersection: open({ kind: "intersection", of: [sum, other] }, true),
  };
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
