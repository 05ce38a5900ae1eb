import { join } from "node:path";
import { isObject } from "../data/value_at.ts";
import { readJsonFile } from "../files/json_file.ts";
import { type Pooling, poolings } from "../models/pooling.ts";

/** How a folder of sentence-transformers makes one vector of a text. */
export interface SentenceModules {
  /** The folder of the encoder: the folder itself, or one in it. */
  readonly encoder: string;
  readonly pooling: Pooling;
  /** Whether vectors are made 1 long. */
  readonly isNormalized: boolean;
  /** The most tokens of a text that are read, if the folder says. */
  readonly longest?: number;
  /** Whether texts are put into lower case before the tokenizer sees them. */
  readonly lowercase: boolean;
  /** The files that say so, relative to the folder. */
  readonly files: readonly string[];
}

const modulesFile = "modules.json";
const poolingFile = "config.json";
/** Where the encoder's module keeps its settings; it has been called by the model's kind. */
const encoderFile = /^sentence_\w+_config\.json$/;
const promptsFile = "config_sentence_transformers.json";

/**
 * Reads `modules.json` of sentence-transformers and the settings of its modules. A folder without it is an encoder alone, and
 * the vector of a text the mean of its hidden states, as sentence-transformers makes of such a one.
 *
 * @throws {TypeError} if a module or a kind of pooling is not supported.
 * @throws {Error | SyntaxError} if a file is missing or broken.
 */
export async function readSentenceModules(folder: string): Promise<SentenceModules> {
  const alone = {
    encoder: folder,
    pooling: "mean",
    isNormalized: false,
    lowercase: false,
    files: [],
  } as const;
  const path = join(folder, modulesFile);
  if (!await Deno.stat(path).then(() => true, () => false)) return alone;
  const modules = await readJsonFile(path);
  if (!Array.isArray(modules) || !modules.every(isObject)) {
    throw new SyntaxError(`'${path}' must hold a list of modules; download it again.`);
  }
  const kinds = modules.map(({ type }) => `${type}`.split(".").at(-1)!);
  const isKnown = kinds[0] === "Transformer" && kinds[1] === "Pooling" &&
    (kinds.length === 2 || (kinds.length === 3 && kinds[2] === "Normalize"));
  if (!isKnown) {
    throw new TypeError(
      `'${path}' names the modules ${kinds.join(", ") || "(none)"}, which is not supported: ` +
        "they must be Transformer, Pooling and perhaps Normalize.",
    );
  }
  await refusePrompt(join(folder, promptsFile));
  const [first, second] = modules.map((module) => folderOf(module, path));
  const pooling = join(second, poolingFile);
  const encoder = join(folder, first);
  const { settings, file } = await encoderSettings(encoder);
  return {
    encoder,
    pooling: poolingIn(await readJsonFile(join(folder, pooling)), join(folder, pooling)),
    isNormalized: kinds.length === 3,
    longest: Number.isSafeInteger(settings.max_seq_length)
      ? settings.max_seq_length as number
      : undefined,
    lowercase: settings.do_lower_case === true,
    files: [modulesFile, pooling, ...(file === undefined ? [] : [join(first, file)])],
  };
}

/** The folder of a module, which is in that of the model: nothing else is read. */
function folderOf({ path: name = "" }: Record<string, unknown>, where: string): string {
  if (typeof name === "string" && /^(\w[\w.-]*)?$/.test(name)) return name;
  throw new SyntaxError(
    `'${where}' puts a module into ${
      JSON.stringify(name)
    }, which is no folder beside it; download it again.`,
  );
}

/** A text that stands before every other changes the vectors. */
async function refusePrompt(path: string): Promise<void> {
  const settings = await Deno.stat(path).then(() => readJsonFile(path), () => undefined);
  if (isObject(settings) && typeof settings.default_prompt_name === "string") {
    throw new TypeError(
      `'${path}' has the default prompt ${
        JSON.stringify(settings.default_prompt_name)
      }, which is not supported: ` +
        "set default_prompt_name to null and write the prompt before your texts.",
    );
  }
}

async function encoderSettings(
  folder: string,
): Promise<{ settings: Record<string, unknown>; file?: string }> {
  for await (const { name } of Deno.readDir(folder)) {
    if (!encoderFile.test(name)) continue;
    const settings = await readJsonFile(join(folder, name));
    return { settings: isObject(settings) ? settings : {}, file: name };
  }
  return { settings: {} };
}

/** The one kind of pooling that the settings turn on, in the spelling of all releases. */
function poolingIn(settings: unknown, path: string): Pooling {
  const all = isObject(settings) ? settings : {};
  const named = typeof all.pooling_mode === "string" ? [all.pooling_mode] : Object.keys(all)
    .filter((key) => key.startsWith("pooling_mode_") && all[key] === true)
    .map((key) => key.replace(/^pooling_mode_/, "").replace(/_tokens?$/, ""));
  const known = poolings.find((pooling) => named.length === 1 && pooling === spelled(named[0]));
  if (known !== undefined) return known;
  throw new TypeError(
    `'${path}' asks for the pooling ${named.join(" with ") || "(none)"}, which is not supported: ` +
      `it must be one of ${poolings.join(", ")}.`,
  );
}

function spelled(name: string): string {
  return name === "mean_sqrt_len_tokens" ? "mean_sqrt_len" : name;
}
