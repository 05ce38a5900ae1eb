import type { LabelledTexts } from "../data/labelled_texts.ts";
import type { Kind } from "../options/option.ts";
import { checkArgument, settle } from "../options/settle.ts";
import type { Device } from "../runtime/device.ts";
import type { FitResult } from "./fit_result.ts";
import { type LabelOptions, labelOptions, labelSettings } from "./label_options.ts";
import type { LanguageModelOptions } from "./language_model_options.ts";
import { runLanguageModel } from "./language_model_run.ts";

const caller = "trainLanguageModelOnLabel";

const labelledTextsKind = {
  type: "value",
  is: (value: unknown): value is LabelledTexts =>
    Array.isArray((value as LabelledTexts | null)?.texts) &&
    Array.isArray((value as LabelledTexts).labelNames),
  what: "labelled texts, from await readLabelledTexts()",
} as const satisfies Kind;

/**
 * Trains a language model that writes texts with a label, so that no reward model is needed to steer it.
 *
 * With `dapt`, domain-adaptive pretraining (Gururangan et al., 2020), the initial model goes on to learn those texts alone that
 * have the label. With `ctrl` (Keskar et al., 2019) a model learns all texts, each after a control code, log p(x | c): what it
 * writes begins with the code of the label, or with `controlCode` of `openBase` another.
 *
 * @throws {RangeError} if there is no such label, no text with it, or for `ctrl` none without it.
 * @throws {TypeError} if `dapt` has no initial model, or an option is of the other method.
 */
export async function trainLanguageModelOnLabel(
  data: LabelledTexts,
  device: Device,
  options: LabelOptions,
): Promise<FitResult> {
  checkArgument(caller, "data", labelledTextsKind, data);
  const { method, label, inverse, threshold, codes } = settle(caller, labelOptions, options);
  const place = placeOf(data, label);
  const count = data.labelNames.length;
  const has = data.texts.map((_, i) => {
    const y = data.labels[i * count + place];
    return (inverse ? 1 - y : y) >= threshold;
  });
  const texts = data.texts.filter((_, i) => has[i]);
  const what = `the label '${data.labelNames[place]}'`;
  const asked = `${inverse ? "1 − " : ""}the label's value from ${threshold} up`;
  if (texts.length === 0) {
    throw new RangeError(`No text has ${what} as asked, ${asked}: there is nothing to learn.`);
  }
  const rest = Object.fromEntries(
    Object.entries(options).filter(([name]) => !Object.hasOwn(labelSettings, name)),
  ) as LanguageModelOptions;
  if (method === "dapt") {
    if (options.codes !== undefined) {
      throw new TypeError("The method 'dapt' reads no control codes: leave 'codes' out.");
    }
    if (options.init === undefined) {
      throw new TypeError("The method 'dapt' goes on with a language model: name one with 'init'.");
    }
    return await runLanguageModel(caller, texts, device, { label: "DAPT", ...rest });
  }
  if (texts.length === data.texts.length) {
    throw new RangeError(
      `Every text has ${what} as asked, ${asked}: its control code would say nothing.`,
    );
  }
  const coded = { words: codes, of: has.map((one) => one ? 0 : 1), chosen: codes[0] };
  return await runLanguageModel(caller, data.texts, device, { label: "CTRL", ...rest }, coded);
}

/** The place of a label among those of the texts. */
function placeOf({ labelNames }: LabelledTexts, label: string | undefined): number {
  if (label === undefined && labelNames.length === 1) return 0;
  const place = labelNames.indexOf(label ?? "");
  if (place >= 0) return place;
  throw new RangeError(
    label === undefined
      ? `The texts have ${labelNames.length} labels (${
        labelNames.join(", ")
      }): choose one with 'label'.`
      : `The texts have no label '${label}': they have ${labelNames.join(", ")}.`,
  );
}
