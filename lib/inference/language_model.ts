import { chooseCode, codeRead } from "../models/control_codes.ts";
import { type LanguageModelSpec, parseLanguageModel } from "../models/language_model_spec.ts";
import type { AdapterBaseOptions } from "../weights/adapter_base.ts";
import {
  configPath,
  type ModelFolder,
  openModelFolder,
  parametersIn,
  type StoredParameters,
} from "../weights/model_folder.ts";
import { readTextEnds } from "../weights/text_ends.ts";

/** A language model in its folder, before it is part of a graph. */
export interface LanguageModel {
  readonly spec: LanguageModelSpec;
  readonly parameters: StoredParameters;
  readonly folder: ModelFolder;
  /** The tokens that end a text. */
  readonly ends: readonly number[];
}

/** How a language model is opened. */
export interface OpenLanguageModelOptions extends AdapterBaseOptions {
  /** The control code that it reads before a text. Default: the one that its folder names, if it has any. */
  readonly controlCode?: string;
}

/**
 * Opens the folder of a language model. Reads no weights yet.
 *
 * @param refusal says what is wrong where the folder holds a model of this other kind.
 * @throws {TypeError} if it does.
 * @throws {RangeError} if it has no such control code.
 * @throws {Error} if it is no model folder, or its weights do not fit its config.
 */
export async function openLanguageModel(
  path: string,
  refusal: (kind: string) => string,
  { controlCode, ...options }: OpenLanguageModelOptions = {},
): Promise<LanguageModel> {
  const folder = await openModelFolder(path, options);
  const parsed = parseLanguageModel(folder.config, configPath(path), refusal);
  const spec = controlCode === undefined ? parsed : {
    ...parsed,
    controlCodes: chooseCode(parsed.controlCodes, controlCode, path),
  };
  const ends = await readTextEnds(folder.path, folder.config) ?? [spec.backbone.endOfText];
  return { spec, parameters: await parametersIn(folder, spec.backbone.shapes), folder, ends };
}

/**
 * What a language model reads before the first step: the prompt, after its control code where it has one, and after BOS where
 * it wants it or there is nothing else.
 */
export function beginText(
  { backbone, bos, controlCodes }: LanguageModelSpec,
  prompt: readonly number[],
): readonly number[] {
  const read = [...codeRead(controlCodes), ...prompt];
  return bos || read.length === 0 ? [backbone.bos, ...read] : read;
}

/** The longest text that a language model reads, in tokens without BOS and control code. */
export function longestTextOf({ backbone, bos, controlCodes }: LanguageModelSpec): number {
  return backbone.context - (bos ? 1 : 0) - codeRead(controlCodes).length;
}
