import { optimumLanguageModel } from "../models/optimum.ts";
import { parseModelSpec, shapesOf } from "../nn/model_spec.ts";
import { configPath, openModelFolder } from "../weights/model_folder.ts";
import { writeOnnxFolder } from "../weights/onnx_folder.ts";

/**
 * Writes a language model as a folder that transformers.js opens, in float32: see `writeOnnxFolder`.
 *
 * @param from the model's folder.
 * @param to the folder to be written; it is made if it is not there.
 * @throws {TypeError} if `from` holds another kind of model.
 * @throws {Error} if a file cannot be read or written.
 */
export async function exportBaseModel(from: string, to: string): Promise<void> {
  const folder = await openModelFolder(from);
  const spec = parseModelSpec(folder.config, configPath(from));
  if (spec.kind !== "lm") {
    throw new TypeError(
      `'${from}' holds a reward model (${spec.kind}), and only a language model can be exported.`,
    );
  }
  const { backbone } = spec;
  await writeOnnxFolder(
    to,
    folder,
    shapesOf(spec),
    (parameters) => optimumLanguageModel(backbone, parameters),
  );
}
