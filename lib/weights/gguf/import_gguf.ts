import { join } from "node:path";
import { keepFinished, outputOptions } from "../../files/finished_output.ts";
import { lockFolder } from "../../files/folder_lock.ts";
import type { OptionsOf, OptionTable } from "../../options/option.ts";
import { settle } from "../../options/settle.ts";
import { writeGgufFolder } from "./gguf_folder.ts";
import { openGgufModel } from "./gguf_model.ts";

/** What `importGguf` takes. */
export const importGgufOptions = {
  gguf: {
    type: "text",
    required: true,
    placeholder: "file",
    help: "GGUF file of a language model",
  },
  out: { type: "text", required: true, placeholder: "dir", help: "folder to write" },
  keepBits: {
    type: "boolean",
    default: false,
    help: "matrices stay in their 4 to 8 bits, in a folder that only Armature opens",
  },
  ...outputOptions,
} as const satisfies OptionTable;
export type ImportGgufOptions = OptionsOf<typeof importGgufOptions>;

/**
 * Writes the language model of a GGUF file as a folder that Hugging Face's libraries open as well: `config.json`, `model.safetensors`
 * in float32, `tokenizer.json` with its settings and chat template, and `generation_config.json`.
 *
 * @throws {Error} one sentence, if the file cannot be read, is no valid GGUF file, or holds what is not supported, another run writes
 *   `out`, or it holds a model and may not be replaced.
 */
export async function importGguf(options: ImportGgufOptions): Promise<void> {
  const { gguf, out, keepBits, overwrite } = settle("importGguf", importGgufOptions, options);
  const model = await openGgufModel(gguf);
  await using _lock = await lockFolder(out);
  await keepFinished(out, overwrite, join(out, "config.json"));
  await writeGgufFolder(out, model, { keepBits });
}
