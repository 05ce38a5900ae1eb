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
import { openHeadedFolder } from "./headed_folder.ts";
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
 * Writes the model that an adapter makes of its base model, W + scale·B A in place of W, as an ordinary folder in float32; of a
 * reward model that shares its base model's trunk, one of its own.
 *
 * @param from the folder of an adapter in PEFT's format, which LoRA training writes, or of a model on a trunk.
 * @param to the folder to be written; it is made if it is not there.
 * @throws {TypeError} if `from` holds neither, or an adapter that is not supported.
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
  const whole = await openModelFolder(from, { base });
  if (!whole.adapter && !whole.onTrunk) {
    throw new TypeError(
      `'${from}' holds a whole model, neither an adapter nor one that shares a trunk: it can be used as it is.`,
    );
  }
  const there = await Deno.realPath(to).catch(() => undefined);
  if (there !== undefined && there === await Deno.realPath(from)) {
    throw new RangeError(`Cannot merge '${from}' into itself: name another folder.`);
  }
  const spec = parseModelSpec(whole.config, configPath(from));
  if (!isLanguageModel(spec) && !isHeaded(spec)) {
    throw new TypeError(`'${from}' holds several models: merge the folder of each.`);
  }
  const folder = isLanguageModel(spec) ? whole : await openHeadedFolder(from, spec, { base });
  const shapes = shapesOf(spec);
  if (folder.adapter) requirePlaces(folder.adapter, shapes);
  await using _lock = await lockFolder(to);
  await keepFinished(to, overwrite, configPath(to));
  await writeModelFolder(to, {
    config: modelSpecJson(isLanguageModel(spec) ? spec : { ...spec, trunk: undefined }),
    shapes,
    values: await readParameters(folder, shapes),
    tokenizer: await tokenizerFolder(from, { base }),
  });
}
