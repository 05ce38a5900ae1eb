import { keepFinished, outputOptions } from "../files/finished_output.ts";
import { lockFolder } from "../files/folder_lock.ts";
import type { OptionsOf, OptionTable } from "../options/option.ts";
import { checkArgument, settle } from "../options/settle.ts";
import { requirePlaces } from "../weights/adapter.ts";
import {
  configPath,
  openModelFolder,
  readParameters,
  tokenizerFolder,
  writeModelFolder,
} from "../weights/model_folder.ts";
import { adapterOptions } from "../weights/adapter_options.ts";
import {
  isHeaded,
  isLanguageModel,
  modelSpecJson,
  parseModelSpec,
  shapesOf,
} from "./model_spec.ts";

/** What `mergeAdapter` takes. */
export const mergeAdapterOptions = {
  ...adapterOptions,
  ...outputOptions,
} as const satisfies OptionTable;

/** What `mergeAdapter` takes. */
export type MergeAdapterOptions = OptionsOf<typeof mergeAdapterOptions>;

/**
 * Writes the model that an adapter makes of its base model, W + scale·B A in place of W, as an ordinary folder in float32.
 *
 * @param from the folder of an adapter in PEFT's format, which LoRA training writes.
 * @param to the folder to be written; it is made if it is not there.
 * @throws {TypeError} if `from` holds no adapter, or one that is not supported.
 * @throws {Error} if a file cannot be read or written, or `to` holds a model and may not be replaced.
 */
export async function mergeAdapter(
  from: string,
  to: string,
  options: MergeAdapterOptions = {},
): Promise<void> {
  checkArgument("mergeAdapter", "from", { type: "text" }, from);
  checkArgument("mergeAdapter", "to", { type: "text" }, to);
  const { overwrite, adapterBase: base } = settle("mergeAdapter", mergeAdapterOptions, options);
  const folder = await openModelFolder(from, { base });
  if (!folder.adapter) {
    throw new TypeError(`'${from}' holds a whole model, not an adapter: it can be used as it is.`);
  }
  const there = await Deno.realPath(to).catch(() => undefined);
  if (there !== undefined && there === await Deno.realPath(from)) {
    throw new RangeError(`Cannot merge '${from}' into itself: name another folder.`);
  }
  const spec = parseModelSpec(folder.config, configPath(from));
  if (!isLanguageModel(spec) && !isHeaded(spec)) {
    throw new TypeError(`'${from}' holds several models: merge the folder of each.`);
  }
  const shapes = shapesOf(spec);
  requirePlaces(folder.adapter, shapes);
  await using _lock = await lockFolder(to);
  await keepFinished(to, overwrite, configPath(to));
  await writeModelFolder(to, {
    config: modelSpecJson(spec),
    shapes,
    values: await readParameters(folder, shapes),
    tokenizer: await tokenizerFolder(from, { base }),
  });
}
