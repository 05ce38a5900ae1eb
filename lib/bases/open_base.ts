import { join } from "node:path";
import { fetchTokenizer } from "../data/hub_tokenizer.ts";
import { loadTokenizer, type Tokenizer } from "../data/tokenizer.ts";
import { parseBackbone } from "../models/architectures.ts";
import { displayedAs, lookOf } from "../notebook/display.ts";
import type { OptionsOf, OptionTable } from "../options/option.ts";
import { checkArgument, settle } from "../options/settle.ts";
import { signalOption } from "../options/signal_option.ts";
import type { Device } from "../runtime/device.ts";
import { deviceKind } from "../runtime/device_kind.ts";
import { hubOptions } from "../weights/hub/hub_options.ts";
import { folderOfGguf, ggufAt } from "../weights/gguf/gguf_folder.ts";
import { modelFiles } from "../weights/hub/fetch_model.ts";
import { fetchRepository, filesNamed, type HubOptions, isHubName } from "../weights/hub.ts";
import { isAdapterFolder } from "../weights/adapter.ts";
import { adapterOptions } from "../weights/adapter_options.ts";
import { hasWeights, readModelConfig, tokenizerFolder } from "../weights/model_folder.ts";
import { adapterFiles } from "../weights/side_files.ts";
import { onnxFolder } from "../weights/onnx_folder.ts";
import type { BaseModel } from "./base_model.ts";
import { openCompletionsBase, promptForms } from "./completions_base.ts";
import { openAdaptedBaseModel } from "./own_base.ts";
import {
  type Dtype,
  dtypes,
  openTransformersBase,
  transformersFiles,
} from "./transformers_base.ts";

/** What `openBase` takes. */
export const openBaseOptions = {
  dtype: {
    type: "choice",
    of: dtypes,
    defaultHelp: "fp32",
    help: "how the weights of a transformers.js model are stored",
  },
  model: {
    type: "text",
    flag: "base-model",
    placeholder: "name",
    defaultHelp: "its only one",
    help: "what the server calls the model",
  },
  tokenizer: {
    type: "text",
    flag: "base-tokenizer",
    placeholder: "model",
    defaultHelp: "that of the model",
    help:
      "folder, or name on the hub, of the model's tokenizer; that of a server's model has to be named",
  },
  prompts: {
    type: "choice",
    of: promptForms,
    flag: "base-prompts",
    placeholder: "form",
    defaultHelp: "ids",
    help: "what the server is sent",
  },
  ...adapterOptions,
  controlCode: {
    type: "text",
    placeholder: "word",
    defaultHelp: "the one that the model's folder names",
    help: "the control code that texts of a model trained with such codes begin with",
  },
  keepBits: {
    type: "boolean",
    default: false,
    help:
      "matrices of a GGUF file stay in their 4 to 8 bits: faster for one text, slower for many at once",
  },
  ...hubOptions,
  signal: { ...signalOption, help: "stops requests to a server, or the fetching from the hub" },
} as const satisfies OptionTable;

/** What `openBase` takes. */
export type OpenBaseOptions = OptionsOf<typeof openBaseOptions>;

/** A base model with its tokenizer. */
export interface OpenedBase {
  readonly base: BaseModel;
  readonly tokenizer: Tokenizer;
  /** What errors call the place that the tokenizer comes from. */
  readonly tokenizerName: string;
}

/** The ways to open a base model, and which options each of them has. */
const ways = {
  "a GGUF file": ["tokenizer", "keepBits"],
  "a folder with model.safetensors": ["tokenizer", "adapterBase", "controlCode"],
  "a transformers.js folder": ["tokenizer", "dtype"],
  "a model on the hub": ["tokenizer", "dtype", "revision", "adapterBase", "controlCode"],
  "a server": ["tokenizer", "model", "prompts"],
} as const satisfies Record<string, readonly (keyof OpenBaseOptions)[]>;

type Way = keyof typeof ways;

/**
 * Opens a base model by what it is called:
 *
 * - a folder with `model.safetensors` or `pytorch_model.bin`: of an architecture that docs/models.md lists, run by our own graphs;
 * - a folder with `adapter_config.json`: an adapter (LoRA, in PEFT's format), merged with its base model;
 * - a file `….gguf`, or a folder with one such file and no config.json: a GGUF file of one of these architectures;
 * - a folder with `onnx/`: a transformers.js model (also where both are there and a dtype is asked for);
 * - an address that begins with `http`: a model behind an OpenAI-compatible completions server, with the key in the
 *   environment variable OPENAI_API_KEY;
 * - a name such as `owner/name`, where there is no such folder: a model on the hub, which is fetched. Where it has the
 *   weights of such a folder (and no dtype is asked for), it is opened as one, or else as transformers.js's.
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
  checkArgument("openBase", "what", { type: "text" }, what);
  checkArgument("openBase", "device", deviceKind, device);
  const { dtype, model, tokenizer, prompts, keepBits, adapterBase, controlCode, ...hub } = settle(
    "openBase",
    openBaseOptions,
    options,
  );
  const way = await wayTo(what, options);
  const { revision } = options;
  const given = {
    dtype,
    model,
    tokenizer,
    prompts,
    revision,
    adapterBase,
    controlCode,
    keepBits: keepBits || undefined,
  };
  for (const [option, value] of Object.entries(given)) {
    if (value !== undefined && !(ways[way] as readonly string[]).includes(option)) {
      throw new TypeError(`'${what}' is ${way}, which has no option '${option}': leave it out.`);
    }
  }
  const tokenizerName = tokenizer ?? what;
  // the revision is the model's
  const named = tokenizer === undefined
    ? undefined
    : await tokenizerOf(tokenizer, { ...hub, revision: undefined });
  switch (way) {
    case "a server": {
      if (!named) {
        throw new TypeError(
          `The tokenizer of the model behind '${what}' is not known: name a folder, or a model on the hub, that ` +
            "has it.",
        );
      }
      const base = await openCompletionsBase(what, named, { model, prompts, signal: hub.signal });
      return opened(base, named, tokenizerName);
    }
    case "a GGUF file":
      return await openOwn(await folderOfGguf((await ggufAt(what))!, { keepBits }));
    case "a folder with model.safetensors":
      return await openOwn(what);
    case "a transformers.js folder":
      return await openTransformers(what);
    case "a model on the hub": {
      const { folder, isOwn } = await fetchBase(what, dtype, hub);
      if (!isOwn && controlCode !== undefined) {
        throw new TypeError(
          `'${what}' is a transformers.js model, which has no option 'controlCode': leave it out.`,
        );
      }
      return isOwn ? await openOwn(folder) : await openTransformers(folder);
    }
  }

  async function openOwn(folder: string): Promise<OpenedBase> {
    const { revision: _, ...access } = hub;
    const adapted = { base: adapterBase, hub: access };
    const base = await openAdaptedBaseModel(folder, device, { ...adapted, controlCode });
    const words = await tokenizerFolder(folder, adapted);
    return opened(base, await goingWith(base, named, words), tokenizerName);
  }

  async function openTransformers(folder: string): Promise<OpenedBase> {
    const base = await openTransformersBase(folder, device, { dtype, tokenizer: named });
    return opened(base, await goingWith(base, base.tokenizer, folder), tokenizerName);
  }
}

/** Shows itself as the base model does. */
function opened(base: BaseModel, tokenizer: Tokenizer, tokenizerName: string): OpenedBase {
  return displayedAs(
    { base, tokenizer, tokenizerName },
    async () => await lookOf(base) ?? { "text/plain": "A language model" },
  );
}

/** Fetches what a model on the hub is opened from: the weights of our own graph, or that of transformers.js. */
async function fetchBase(
  name: string,
  dtype: Dtype | undefined,
  hub: HubOptions,
): Promise<{ folder: string; isOwn: boolean }> {
  const first = await fetchRepository({ kind: "model", name }, (files) => {
    const isAdapter = adapterFiles.every((file) => files.includes(file));
    return isAdapter ? modelFiles(files) : filesNamed(["config.json"])(files);
  }, hub);
  if (await isAdapterFolder(first)) return { folder: first, isOwn: true };
  const config = await readModelConfig(first);
  const unsupported = problemOf(config);
  let isOwn = false;
  const folder = await fetchRepository({ kind: "model", name }, (files) => {
    const hasGraph = files.some((file) => file.startsWith(`${onnxFolder}/`));
    const hasWeights = files.some((file) => /^model\.safetensors(\.index\.json)?$/.test(file)) ||
      !hasGraph && files.some((file) => /^pytorch_model\.bin(\.index\.json)?$/.test(file));
    if (dtype === undefined && unsupported && hasWeights && !hasGraph) throw unsupported;
    isOwn = dtype === undefined && !unsupported && hasWeights;
    return (isOwn ? modelFiles : transformersFiles(dtype ?? "fp32"))(files);
  }, hub);
  return { folder, isOwn };
}

/** Why our own graphs do not run a model. */
function problemOf(config: unknown): unknown {
  try {
    parseBackbone(config, "its config.json");
  } catch (error) {
    return error;
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
  if (await ggufAt(what) !== undefined) return "a GGUF file";
  const isThere = (path: string) => Deno.stat(path).then(() => true, () => false);
  if (!await isThere(what)) {
    return isHubName(what) ? "a model on the hub" : "a folder with model.safetensors";
  }
  const own = await hasWeights(what);
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
