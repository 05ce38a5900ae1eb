import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Encoder } from "../models/encoder.ts";
import { parseEncoder } from "../models/encoders.ts";
import { configPath, type ModelFolder, openModelFolder } from "../weights/model_folder.ts";
import { withNewNormNames } from "../weights/old_norm_names.ts";
import { olderTokenizerFiles, tokenizerFiles } from "../weights/side_files.ts";
import { loadWholeTextTokenizer, type WholeTextTokenizer } from "./whole_text_tokenizer.ts";

/** An encoder in a folder as Hugging Face writes it; its weights are not read yet. */
export interface EncoderFolder {
  readonly path: string;
  readonly encoder: Encoder;
  readonly tokenizer: WholeTextTokenizer;
  /** The most tokens of a text that it reads: what both the model and its tokenizer allow. */
  readonly longest: number;
  readonly model: ModelFolder;
}

/**
 * Opens the folder of an encoder: `config.json`, the tokenizer, and the weights in whatever files they are.
 *
 * @throws {Error} if a file is missing.
 * @throws {SyntaxError} if one is broken.
 * @throws {TypeError | RangeError} if it is no encoder that is known, or a setting is not supported.
 */
export async function openEncoderFolder(path: string): Promise<EncoderFolder> {
  const opened = await openModelFolder(path);
  const model = { ...opened, weights: withNewNormNames(opened.weights) };
  const encoder = parseEncoder(opened.config, configPath(path));
  const tokenizer = await loadWholeTextTokenizer(path);
  const longest = Math.min(encoder.context, tokenizer.longest ?? Infinity);
  return { path, encoder, tokenizer, longest, model };
}

/** Files that are of several folders. */
interface Files {
  readonly folder: string;
  /** Relative to the folder. */
  readonly files: readonly string[];
}

/**
 * A hash of all files that decide what an encoder makes of a text, the same wherever they are: 12 hexadecimal digits.
 *
 * @param more further files that do.
 */
export async function hashOfEncoder(
  { path, model: { weights } }: EncoderFolder,
  more: Files = { folder: path, files: [] },
): Promise<string> {
  const hash = createHash("sha256");
  // what nobody reads beside tokenizer.json may be there or not
  const hasTokenizer = await Deno.stat(join(path, "tokenizer.json")).then(() => true, () => false);
  const older = hasTokenizer ? [] : olderTokenizerFiles;
  for (const file of ["config.json", ...tokenizerFiles, ...older]) {
    await addFile(hash, file, join(path, file));
  }
  for (const file of more.files) await addFile(hash, file, join(more.folder, file));
  const files = [...weights.tensors.values()].map(({ path = weights.path }) => path);
  for (const file of [...new Set(files)].sort()) await addFile(hash, "weights", file);
  return hash.digest("hex").slice(0, 12);
}

async function addFile(
  hash: ReturnType<typeof createHash>,
  name: string,
  path: string,
): Promise<void> {
  let file: Deno.FsFile;
  try {
    file = await Deno.open(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return;
    throw cause;
  }
  hash.update(name);
  for await (const chunk of file.readable) hash.update(chunk);
}
