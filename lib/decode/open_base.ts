import { join } from "node:path";
import { fetchTokenizer } from "../data/hub_tokenizer.ts";
import { loadTokenizer, type Tokenizer } from "../data/tokenizer.ts";
import type { Device } from "../runtime/device.ts";
import { type HubOptions, isHubName } from "../weights/hub.ts";
import { onnxFolder } from "../weights/onnx_folder.ts";
import type { BaseModel } from "./base_model.ts";
import { openCompletionsBase, type PromptForm } from "./completions_base.ts";
import { openBaseModel } from "./gpt2_base.ts";
import { type Dtype, openTransformersBase } from "./transformers_base.ts";

export interface OpenBaseOptions extends HubOptions {
  /** How the weights of a transformers.js model are stored. Default "fp32". */
  dtype?: Dtype;
  /** What a server calls the model. Default: the only one that it lists. */
  model?: string;
  /** Folder, or name on the hub, of the model's tokenizer. Default: that of the model; a server's has to be named. */
  tokenizer?: string;
  /** How texts are sent to a server. Default "ids". */
  prompts?: PromptForm;
  /** Stops requests to a server. */
  signal?: AbortSignal;
}

/** A base model with its tokenizer. */
export interface OpenedBase {
  readonly base: BaseModel;
  readonly tokenizer: Tokenizer;
  /** What errors call the place that the tokenizer comes from. */
  readonly tokenizerName: string;
}

/** The ways to open a base model, and which options each of them has. */
const ways = {
  "a folder with model.safetensors": ["tokenizer"],
  "a transformers.js folder": ["tokenizer", "dtype"],
  "a model on the hub": ["tokenizer", "dtype"],
  "a server": ["tokenizer", "model", "prompts"],
} as const satisfies Record<string, readonly (keyof OpenBaseOptions)[]>;

type Way = keyof typeof ways;

/**
 * Opens a base model by what it is called:
 *
 * - a folder with `model.safetensors`: a GPT-2 of our own graph;
 * - a folder with `onnx/`: a transformers.js model (also where both are there and a dtype is asked for);
 * - an address that begins with `http`: a model behind an OpenAI-compatible completions server, with the key in the
 *   environment variable OPENAI_API_KEY;
 * - a name such as `owner/name`, where there is no such folder: a transformers.js model on the hub.
 *
 * @param device where it runs, if it runs here.
 * @throws {TypeError} if an option does not go with what it is.
 * @throws {Error} one sentence, if it cannot be opened.
 */
export async function openBase(
  what: string,
  device: Device,
  options: OpenBaseOptions = {},
): Promise<OpenedBase> {
  const way = await wayTo(what, options);
  const { signal, revision, cacheFolder, ...settings } = options;
  const hub = { revision, cacheFolder };
  for (const [option, value] of Object.entries(settings)) {
    if (value !== undefined && !(ways[way] as readonly string[]).includes(option)) {
      throw new TypeError(`'${what}' is ${way}, which has no option '${option}': leave it out.`);
    }
  }
  const tokenizerName = options.tokenizer ?? what;
  const { dtype, model, prompts } = options;
  const named = options.tokenizer === undefined
    ? undefined
    : await tokenizerOf(options.tokenizer, hub);
  switch (way) {
    case "a server": {
      if (!named) {
        throw new TypeError(
          `The tokenizer of the model behind '${what}' is not known: name a folder, or a model on the hub, that ` +
            "has it.",
        );
      }
      const client = { url: what, model, prompts, signal };
      const base = await openCompletionsBase({ ...client, tokenizer: named });
      return { base, tokenizer: named, tokenizerName };
    }
    case "a folder with model.safetensors": {
      const base = await openBaseModel(what, device);
      return { base, tokenizer: await goingWith(base, named, what), tokenizerName };
    }
    default: {
      const base = await openTransformersBase(what, { ...hub, dtype, device, tokenizer: named });
      return { base, tokenizer: await goingWith(base, base.tokenizer, what), tokenizerName };
    }
  }
}

/** The tokenizer of a model in a folder, unless there is one already. If there is none, the model is given back. */
async function goingWith(
  base: BaseModel,
  tokenizer: Tokenizer | undefined,
  folder: string,
): Promise<Tokenizer> {
  try {
    return tokenizer ?? await loadTokenizer(folder);
  } catch (error) {
    await base[Symbol.asyncDispose]();
    throw error;
  }
}

async function wayTo(what: string, { dtype }: OpenBaseOptions): Promise<Way> {
  if (/^https?:\/\//i.test(what)) return "a server";
  const isThere = (path: string) => Deno.stat(path).then(() => true, () => false);
  if (!await isThere(what)) {
    return isHubName(what) ? "a model on the hub" : "a folder with model.safetensors";
  }
  const own = await isThere(join(what, "model.safetensors"));
  const onnx = await isThere(join(what, onnxFolder));
  return onnx && (!own || dtype !== undefined)
    ? "a transformers.js folder"
    : "a folder with model.safetensors";
}

async function tokenizerOf(nameOrFolder: string, hub: HubOptions): Promise<Tokenizer> {
  const isFolder = await Deno.stat(nameOrFolder).then(() => true, () => false);
  return !isFolder && isHubName(nameOrFolder)
    ? await fetchTokenizer(nameOrFolder, hub)
    : await loadTokenizer(nameOrFolder);
}
