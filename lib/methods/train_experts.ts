import { join } from "node:path";
import type { LabelledTexts } from "../data/labelled_texts.ts";
import { writeAtomically } from "../files/atomic_write.ts";
import { keepFinished } from "../files/finished_output.ts";
import { lockFolder } from "../files/folder_lock.ts";
import { ownKey } from "../models/language_model_spec.ts";
import type { Device } from "../runtime/device.ts";
import { configPath, copyTokenizer } from "../weights/model_folder.ts";
import { hasCheckpoint } from "../train/checkpoint.ts";
import { type FitResult, fitResult } from "../train/fit_result.ts";
import type { LossPoint } from "../train/loss_curve.ts";
import { unfinishedRun } from "../train/run.ts";
import { trainLanguageModel } from "../train/train_language_model.ts";
import type { RunOptions } from "../train/training_options.ts";
import type { Losses } from "../train/trainer.ts";
import { textsByClass } from "./text_classes.ts";

/** The folders of the two models within that of the pair. */
const folders = { expert: "expert", antiexpert: "antiexpert" } as const;

/**
 * Trains the pair of DExperts (Liu et al., 2021): the base model learns to write texts with the label, and to write
 * texts without it. Each model is a run of its own in its own folder; the pair's `config.json` comes last. A run that
 * its signal stopped leaves a pair only if it had come to the second model.
 *
 * @throws {RangeError} if there is not one label, or no text with it or without it.
 * @throws {Error} if another run writes the folder, or it holds what may not be replaced.
 */
export async function trainExperts(
  data: LabelledTexts,
  device: Device,
  { base, ...run }: RunOptions & { readonly base: string },
): Promise<FitResult> {
  const { out, resume = false, overwrite = false } = run;
  const { desired, undesired } = textsByClass(data);
  const sides = [
    { folder: folders.expert, texts: desired, label: "Expert" },
    { folder: folders.antiexpert, texts: undesired, label: "Anti-expert" },
  ];
  await using _lock = await lockFolder(out);
  if (!resume && !overwrite) {
    const paths = sides.map(({ folder }) => join(out, folder));
    for (const path of paths) if (await hasCheckpoint(path)) throw unfinishedRun(path);
    for (const path of [out, ...paths]) await keepFinished(path, overwrite, configPath(path));
  }
  const results: FitResult[] = [];
  for (const { folder, texts, label } of sides) {
    const result = await trainLanguageModel(texts, device, {
      ...run,
      init: base,
      out: join(out, folder),
      label,
    });
    results.push(result);
    // until the other one is there too, the folder holds no pair
    if (result.steps > 0 && !result.keptFinished) {
      await Deno.remove(configPath(out)).catch(() => undefined);
    }
    if (!result.finished) break;
  }
  const last = results.at(-1)!;
  if (results.length === sides.length && (last.finished || last.steps > 0)) {
    await copyTokenizer(base, out);
    const own = { kind: "dexperts", labels: data.labelNames, ...folders };
    await writeAtomically(configPath(out), JSON.stringify({ [ownKey]: own }, null, 2) + "\n");
  }
  return fitResult({
    steps: sum(results.map(({ steps }) => steps)),
    finished: last.finished && results.length === sides.length,
    wentOn: results.find(({ wentOn }) => wentOn)?.wentOn,
    seconds: sum(results.map(({ seconds }) => seconds)),
    losses: together(results.map(({ losses }) => losses)),
    evaluation: together(results.map(({ evaluation }) => evaluation)),
    evaluatedTexts: results.some(({ evaluatedTexts }) => evaluatedTexts)
      ? sum(results.map(({ evaluatedTexts = 0 }) => evaluatedTexts))
      : undefined,
    constantLosses: together(results.map(({ constantLosses }) => constantLosses)),
    folder: out,
    curve: results.flatMap(({ curve }, i): LossPoint[] =>
      curve.map((point) => ({ ...point, series: `${sides[i].folder}, ${point.series}` }))
    ),
  });
}

/** The losses of both models, each with the name of its model; undefined if there are none. */
function together(losses: readonly (Losses | undefined)[]): Losses | undefined {
  const names = Object.values(folders);
  const named = losses.flatMap((of, i) =>
    Object.entries(of ?? {}).map(([name, value]) => [`${names[i]}_${name}`, value] as const)
  );
  return named.length === 0 ? undefined : Object.fromEntries(named);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
