import { join } from "node:path";
import type * as ort from "onnxruntime-node";
import { loadTokenizer, type Tokenizer } from "../data/tokenizer.ts";
import { tokenizerKind } from "../data/tokenizer_kind.ts";
import { cannotRead } from "../files/file_errors.ts";
import { readJsonFile } from "../files/json_file.ts";
import { sizeText } from "../files/room.ts";
import { longestTextFact } from "../inference/model_look.ts";
import { codeRead, parseControlCodes } from "../models/control_codes.ts";
import { requireRoom } from "../inference/text_room.ts";
import { displayedAs } from "../notebook/display.ts";
import { tableLook } from "../notebook/table_look.ts";
import type { OptionsOf, OptionTable } from "../options/option.ts";
import { checkArgument, settle } from "../options/settle.ts";
import type { Device } from "../runtime/device.ts";
import { deviceKind } from "../runtime/device_kind.ts";
import { generationFile, tokenizerFiles } from "../weights/side_files.ts";
import { type Choose, fetchRepository, isHubName } from "../weights/hub.ts";
import { hubOptions } from "../weights/hub/hub_options.ts";
import { onnxFolder } from "../weights/onnx_folder.ts";
import { readTextEnds } from "../weights/text_ends.ts";
import type { BaseModel, BaseReading, StartOptions } from "./base_model.ts";
import { OptimumReading } from "./optimum_reading.ts";
import { OptimumSession } from "./optimum_session.ts";

/** How weights are stored → what transformers.js adds to the name of the graph's file. */
export const fileEndings = {
  fp32: "",
  fp16: "_fp16",
  q8: "_quantized",
  int8: "_int8",
  uint8: "_uint8",
  q4: "_q4",
  q4f16: "_q4f16",
  bnb4: "_bnb4",
} as const;

/** How the weights of a transformers.js model are stored. */
export type Dtype = keyof typeof fileEndings;

export const dtypes = Object.keys(fileEndings) as [Dtype, ...Dtype[]];

/** What `openTransformersBase` takes. */
export const transformersBaseOptions = {
  dtype: {
    type: "choice",
    of: dtypes,
    default: "fp32",
    help: "how the weights are stored",
  },
  file: {
    type: "text",
    default: "model",
    flag: false,
    help:
      "the graph's file, without what the dtype adds and `.onnx`; older folders have `decoder_model_merged`",
  },
  tokenizer: {
    ...tokenizerKind,
    defaultHelp: "the one beside the model, if there is one",
    help: "the model's tokenizer, for the special tokens that texts begin with",
  },
  ...hubOptions,
} as const satisfies OptionTable;

/** What `openTransformersBase` takes. */
export type TransformersBaseOptions = OptionsOf<typeof transformersBaseOptions>;

/**
 * Opens a causal language model of transformers.js, to be steered: from a local folder, or from the hub. Nothing is
 * asked of the network unless a name on the hub is given.
 *
 * It is fetched as any other model is, into the cache that other tools share, and transformers.js loads it from there
 * (`AutoModelForCausalLM`); what runs then is the session that it made, with caches of our own: prompts of different
 * lengths are padded on the left, each step is one forward pass of one token a row, and every cache is disposed as soon
 * as the next one is there.
 *
 * @param nameOrFolder a folder with `config.json` and `onnx/model.onnx`, or a name on the hub such as `owner/name`.
 * @throws {Error} one sentence, if it is not there, cannot be fetched, or has no weights of that dtype.
 * @throws {TypeError} if it is not a language model with a cache of keys and values.
 */
export async function openTransformersBase(
  nameOrFolder: string,
  device: Device,
  options: TransformersBaseOptions = {},
): Promise<TransformersBase> {
  checkArgument("openTransformersBase", "nameOrFolder", { type: "text" }, nameOrFolder);
  checkArgument("openTransformersBase", "device", deviceKind, device);
  const { dtype, file, tokenizer, ...hub } = settle(
    "openTransformersBase",
    transformersBaseOptions,
    options,
  );
  const folder = await folderAt(nameOrFolder) ?? await Deno.realPath(
    await fetchRepository(
      { kind: "model", name: nameOrFolder },
      transformersFiles(dtype, file),
      hub,
    ),
  );
  await requireGraph(folder, file, dtype, nameOrFolder);
  // refused here, where the sentence says what is wrong with it
  await readJsonFile(join(folder, "config.json"));
  // imported only now: it loads the native runtime, which a command that only prints help can spare
  const { AutoModelForCausalLM } = await import("@huggingface/transformers");
  let model: LoadedModel;
  try {
    model = await AutoModelForCausalLM.from_pretrained(folder, {
      dtype,
      model_file_name: file,
      device: device.name,
      ...fromFolder,
      session_options: {
        logSeverityLevel: 4,
        // it takes turns with the reward model's session, and they would fight for the cores
        extra: { session: { "intra_op.allow_spinning": "0" } },
      },
    }) as unknown as LoadedModel;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`Cannot open the model '${nameOrFolder}': ${reason}`, { cause });
  }
  try {
    const base = new TransformersBase(
      model,
      device,
      nameOrFolder,
      tokenizer ?? await tokenizerIn(folder),
      await readTextEnds(folder, model.config),
    );
    return displayedAs(base, async () =>
      tableLook({
        title: "Language model of transformers.js",
        facts: [
          ["kind", base.kind],
          ["vocabulary", `${base.vocabulary.toLocaleString("en-US")} tokens`],
          longestTextFact(base),
          ["device", device.name],
          ["stored as", dtype],
          ["on disk", sizeText(await graphSize(folder, file, dtype))],
          ["folder", folder],
        ],
      }));
  } catch (error) {
    await model.dispose();
    throw error;
  }
}

/** How transformers.js loads a model from a folder. */
export const fromFolder = {
  local_files_only: true,
  // ONNX Runtime finds the files of tensors beside the graph; transformers.js would end the process where one is missing
  use_external_data_format: false,
} as const;

/** The files that transformers.js opens a language model from. */
export function transformersFiles(dtype: Dtype, file = "model"): Choose {
  return (files) => {
    const graph = `${onnxFolder}/${file}${fileEndings[dtype]}.onnx`;
    if (!files.includes(graph)) {
      const there = dtypes.filter((other) =>
        files.includes(`${onnxFolder}/${file}${fileEndings[other]}.onnx`)
      );
      throw new Error(
        `it has no ${graph} (dtype ${dtype}); ` +
          (there.length > 0
            ? `it has ${there.join(", ")}, so choose one of these`
            : "name a model that transformers.js opens"),
      );
    }
    const wanted = ["config.json", generationFile, ...tokenizerFiles, graph];
    return files.filter((name) => wanted.includes(name) || name.startsWith(`${graph}_data`));
  };
}

/** What is used here of a model of transformers.js. */
interface LoadedModel {
  readonly sessions: Readonly<Record<string, ort.InferenceSession>>;
  readonly config: Readonly<Record<string, unknown>>;
  dispose(): Promise<unknown>;
}

/** The real path of a folder, or nothing where the text is a name on the hub. */
export async function folderAt(nameOrFolder: string): Promise<string | undefined> {
  try {
    // absolute, so that transformers.js does not take `models/base` for a name on the hub
    return await Deno.realPath(nameOrFolder);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cannotRead(nameOrFolder, cause);
    if (isHubName(nameOrFolder)) return undefined;
    throw new Error(
      `Cannot open the model '${nameOrFolder}': there is no such folder, so check the path.`,
      { cause },
    );
  }
}

/** Names the dtypes that a folder has, where it lacks the one asked for. */
export async function requireGraph(
  folder: string,
  file: string,
  dtype: Dtype,
  called = folder,
): Promise<void> {
  const isThere = (dtype: Dtype) =>
    Deno.stat(join(folder, onnxFolder, `${file}${fileEndings[dtype]}.onnx`)).then(
      ({ isFile }) => isFile,
      () => false,
    );
  if (await isThere(dtype)) return;
  const there: Dtype[] = [];
  for (const other of dtypes) if (await isThere(other)) there.push(other);
  const graph = `${onnxFolder}/${file}${fileEndings[dtype]}.onnx`;
  throw new Error(
    `Cannot open the model '${called}': it has no ${graph} (dtype ${dtype}); ` +
      (there.length > 0
        ? `it has ${there.join(", ")}, so choose one of these.`
        : "name a folder that transformers.js opens, such as one that `deno task export` wrote."),
  );
}

/** Bytes of a graph with its weights, which may be in files beside it. */
async function graphSize(folder: string, file: string, dtype: Dtype): Promise<number> {
  const graph = `${file}${fileEndings[dtype]}.onnx`;
  let bytes = 0;
  for await (const { name } of Deno.readDir(join(folder, onnxFolder))) {
    const isPart = name === graph || name.startsWith(`${graph}_data`);
    if (isPart) bytes += (await Deno.stat(join(folder, onnxFolder, name))).size;
  }
  return bytes;
}

async function tokenizerIn(folder: string): Promise<Tokenizer | undefined> {
  const isThere = await Deno.stat(join(folder, "tokenizer.json")).then(() => true, () => false);
  return isThere ? await loadTokenizer(folder) : undefined;
}

/** A language model of transformers.js; its `tokenizer` is the one that it was opened with, or that was found beside it. */
export class TransformersBase implements BaseModel {
  readonly tokenizer: Tokenizer | undefined;
  readonly vocabulary: number;
  readonly ends: readonly number[];
  readonly longestText: number;
  /** What config.json calls the kind of model. */
  readonly kind: string;
  readonly #model: LoadedModel;
  readonly #session: OptimumSession;
  /** What is read where there is nothing else. */
  readonly #bos: number;
  /** What is read before a prompt. */
  readonly #begin: readonly number[];

  constructor(
    model: LoadedModel,
    device: Device,
    where: string,
    tokenizer: Tokenizer | undefined,
    ends: readonly number[] | undefined,
  ) {
    const { sessions, config } = model;
    if (Object.keys(sessions).join() !== "model") {
      throw new TypeError(
        `The model of '${where}' has the parts ${
          Object.keys(sessions).join(", ")
        }, not one language ` +
          "model: choose another one.",
      );
    }
    const heads = (config.normalized_config as { num_heads?: number } | undefined)?.num_heads;
    this.tokenizer = tokenizer;
    this.kind = String(config.model_type ?? "not known");
    this.#model = model;
    this.vocabulary = numberIn(config, ["vocab_size"], where) ?? tokenizer?.vocabSize ??
      missing(where, "vocab_size");
    this.#session = new OptimumSession(sessions.model, device.name, {
      name: where,
      vocabulary: this.vocabulary,
      heads,
    });
    this.ends = ends ?? [tokenizer?.endOfText ?? missing(where, "eos_token_id")];
    // what our own models read first, where they were trained with it, and what rows are padded with
    this.#bos = numberIn(config, ["bos_token_id"], where) ?? this.ends[0];
    // our own models note here whether they were trained with BOS, which GPT-2's tokenizer does not add
    const { bos, controlCodes } = (config.armature ?? {}) as Record<string, unknown>;
    const code = codeRead(parseControlCodes(controlCodes, where, this.vocabulary));
    this.#begin = [...(bos === true ? [this.#bos] : tokenizer?.begin ?? []), ...code];
    this.longestText = (numberIn(config, contextNames, where) ?? Infinity) - this.#begin.length;
  }

  begin(prompt: readonly number[]): readonly number[] {
    const ids = [...this.#begin, ...prompt];
    return ids.length > 0 ? ids : [this.#bos];
  }

  async start(
    prompts: readonly (readonly number[])[],
    k?: number,
    { begun = false }: StartOptions = {},
  ): Promise<BaseReading> {
    const texts = begun ? prompts : prompts.map((prompt) => this.begin(prompt));
    const room = this.longestText + this.#begin.length;
    texts.forEach(({ length }, i) =>
      requireRoom(`Text ${i + 1}`, length, room, { including: "what the model reads before it" })
    );
    return await OptimumReading.start(this.#session, texts, k, this.#bos);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#model.dispose();
  }
}

/** What config.json calls the longest context, by the kind of model. */
const contextNames = [
  "n_positions",
  "max_position_embeddings",
  "n_ctx",
  "max_seq_len",
  "max_sequence_length",
  "seq_length",
];

/** The first of some settings that is there; where it lists several numbers, the first of them. @throws {RangeError} if it is no count. */
function numberIn(
  config: Readonly<Record<string, unknown>>,
  names: readonly string[],
  where: string,
): number | undefined {
  for (const name of names) {
    const [value] = [config[name]].flat();
    if (typeof value !== "number") continue;
    if (Number.isInteger(value) && value >= 0) return value;
    throw new RangeError(
      `The config.json of '${where}' says ${name}: ${value}; it must be a whole number.`,
    );
  }
}

function missing(where: string, setting: string): never {
  throw new TypeError(`The config.json of '${where}' has no ${setting}: add it.`);
}
