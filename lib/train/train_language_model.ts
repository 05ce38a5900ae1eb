import { checkArgument } from "../options/settle.ts";
import { textsKind } from "../options/texts_kind.ts";
import type { Device } from "../runtime/device.ts";
import type { FitResult } from "./fit_result.ts";
import type { LanguageModelOptions } from "./language_model_options.ts";
import { runLanguageModel } from "./language_model_run.ts";

/**
 * Trains a language model on texts, a GPT-2 from scratch or an initial model further, and writes its folder. Texts longer
 * than the context are learned in pieces.
 *
 * @throws {RangeError} if there are no texts, or a size is impossible.
 * @throws {TypeError} if sizes or a tokenizer are given beside an initial model, or that is no language model.
 */
export async function trainLanguageModel(
  texts: readonly string[],
  device: Device,
  options: LanguageModelOptions,
): Promise<FitResult> {
  checkArgument("trainLanguageModel", "texts", textsKind, texts);
  return await runLanguageModel("trainLanguageModel", texts, device, options);
}
