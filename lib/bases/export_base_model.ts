import { optimumLanguageModel } from "../models/optimum.ts";
import { keepFinished, outputOptions } from "../files/finished_output.ts";
import { lockFolder } from "../files/folder_lock.ts";
import type { OptionsOf } from "../options/option.ts";
import { checkArgument, settle } from "../options/settle.ts";
import { parseLanguageModel } from "../models/language_model_spec.ts";
import { configPath, openModelFolder } from "../weights/model_folder.ts";
import { onnxGraph, writeOnnxFolder } from "../weights/onnx_folder.ts";

export type ExportBaseModelOptions = OptionsOf<typeof outputOptions>;

/**
 * Writes a language model as a folder that transformers.js opens, in float32: see `writeOnnxFolder`.
 *
 * @param from the model's folder.
 * @param to the folder to be written; it is made if it is not there.
 * @throws {TypeError} if `from` holds another kind of model.
 * @throws {Error} if a file cannot be read or written, another run writes `to`, or it holds a model and may not be replaced.
 */
export async function exportBaseModel(
  from: string,
  to: string,
  options: ExportBaseModelOptions = {},
): Promise<void> {
  checkArgument("exportBaseModel", "from", { type: "text" }, from);
  checkArgument("exportBaseModel", "to", { type: "text" }, to);
  const { overwrite } = settle("exportBaseModel", outputOptions, options);
  // a model's own folder gets its graph beside it
  const isOwn = await Deno.realPath(to).catch(() => undefined) ===
    await Deno.realPath(from).catch(() => from);
  await using _lock = await lockFolder(to);
  await keepFinished(to, overwrite, isOwn ? onnxGraph(to) : configPath(to));
  const folder = await openModelFolder(from);
  const { backbone } = parseLanguageModel(
    folder.config,
    configPath(from),
    (kind) =>
      `'${from}' holds a reward model (${kind}), and only a language model can be exported.`,
  );
  await writeOnnxFolder(
    to,
    folder,
    backbone.shapes,
    (parameters) => optimumLanguageModel(backbone, parameters),
  );
}
