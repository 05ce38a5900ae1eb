import { quantizedHead } from "../models/language_model_head.ts";
import { keepFinished } from "../files/finished_output.ts";
import { lockFolder } from "../files/folder_lock.ts";
import { checkArgument, settle } from "../options/settle.ts";
import {
  type BackboneSpec,
  isHeaded,
  isLanguageModel,
  modelFolders,
  modelSpecJson,
  parseModelSpec,
  shapesOf,
} from "../methods/model_spec.ts";
import { configPath, openModelFolder, readModelConfig } from "../weights/model_folder.ts";
import { type QuantizeModelOptions, quantizeModelOptions } from "./quantize_options.ts";
import { type MatrixSource, writeQuantizedFolder } from "../weights/quantized_folder.ts";

/**
 * Writes a copy of a model whose matrices have 8 or 4 bits, for the CPU: those of the blocks, and of a language model
 * also that of its head. Embeddings, norms, biases and the heads of reward models stay in float32.
 *
 * @param from the folder of a language model or reward model.
 * @param to the folder to be written; it is made if it is not there.
 * @throws {TypeError} if `from` holds a pair of experts, or a quantized model.
 * @throws {RangeError} if `to` is the same folder.
 * @throws {Error} if a file cannot be read or written, or `to` holds a model and may not be replaced.
 */
export async function quantizeModel(
  from: string,
  to: string,
  options: QuantizeModelOptions = {},
): Promise<void> {
  checkArgument("quantizeModel", "from", { type: "text" }, from);
  checkArgument("quantizeModel", "to", { type: "text" }, to);
  const { overwrite, ...quantization } = settle("quantizeModel", quantizeModelOptions, options);
  const spec = parseModelSpec(await readModelConfig(from), configPath(from));
  if (!isLanguageModel(spec) && !isHeaded(spec)) {
    const folders = modelFolders(spec).map((folder) => `'${folder}'`).join(" and ");
    throw new TypeError(`'${from}' holds several models: quantize each, ${folders} in it.`);
  }
  if (!isLanguageModel(spec) && spec.trunk) {
    throw new TypeError(
      `'${from}' shares the trunk of its base model, which is what takes the time: quantize that, or write the model as one ` +
        "of its own first (deno task merge).",
    );
  }
  const there = await Deno.realPath(to).catch(() => undefined);
  if (there !== undefined && there === await Deno.realPath(from)) {
    throw new RangeError(`Cannot quantize '${from}' into itself: name another folder.`);
  }
  await using _lock = await lockFolder(to);
  await keepFinished(to, overwrite, configPath(to));
  const folder = await openModelFolder(from);
  const shapes = shapesOf(spec);
  const matrices = matricesOf(spec);
  const { armature } = modelSpecJson(spec) as { armature: Record<string, unknown> };
  await writeQuantizedFolder(to, folder, {
    own: { ...armature, quantization },
    kept: [...shapes.keys()].filter((name) => !matrices.has(name)),
    matrices,
    shapes,
    quantization,
  });
}

/** The matrices that most of a step's time goes into. */
function matricesOf(spec: BackboneSpec): Map<string, MatrixSource> {
  const matrices = new Map<string, MatrixSource>();
  const { backbone } = spec;
  for (const { name, transposed } of backbone.matrices) {
    matrices.set(name, { from: name, transposed });
  }
  if (isLanguageModel(spec)) {
    matrices.set(quantizedHead, { from: backbone.outputEmbedding, transposed: true });
  }
  return matrices;
}
