import { architectures, parseBackbone } from "../../models/architectures.ts";
import type { Backbone } from "../../models/backbone.ts";
import { ConfigJson } from "../../models/config_json.ts";
import type { GgufForm, GgufModel, GgufParameter } from "../../models/gguf_form.ts";
import { floatsOf } from "./blocks.ts";
import { type GgufFile, openGguf, rowBytes, rowsIn } from "./gguf_file.ts";
import type { GgufTensor } from "./gguf_header.ts";
import { type GgufTokenizer, ggufTokenizer } from "./gguf_tokenizer.ts";
import { Metadata } from "./metadata.ts";

/** A language model in a GGUF file, in Hugging Face's words. */
export interface GgufLanguageModel {
  readonly file: GgufFile;
  /** The `config.json`. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly backbone: Backbone;
  readonly tokenizer: GgufTokenizer;
  /** Hugging Face's name → where it stands. */
  readonly parameters: ReadonlyMap<string, StoredParameter>;
}

/** A parameter, and the tensor that holds it. */
export interface StoredParameter extends GgufParameter {
  /** Hugging Face's shape. */
  readonly shape: readonly number[];
  readonly stored: GgufTensor;
}

/**
 * Opens the language model of a GGUF file: finds its architecture, makes config.json and tokenizer of its metadata, and finds every
 * parameter among its tensors. Reads no weights yet.
 *
 * @throws {Error} one sentence, if the file cannot be read, is no valid GGUF file, or holds what is not supported.
 */
export async function openGgufModel(path: string): Promise<GgufLanguageModel> {
  const file = await openGguf(path);
  const metadata = new Metadata(file);
  const { form, modelType, languageModel } = formOf(metadata);
  const embeddings = file.tensors.get("token_embd.weight");
  if (embeddings === undefined) throw lacks(path, "token_embd.weight");
  const tokenizer = ggufTokenizer(metadata);
  const [vocabulary] = embeddings.shape;
  const { size: vocabSize } = tokenizer;
  if (vocabSize > vocabulary) {
    throw new RangeError(
      `'${path}' has ${vocabSize} tokens and embeddings of ${vocabulary} only; convert it again.`,
    );
  }
  const { bos, eos, padding, begins } = tokenizer;
  const settings = new ConfigJson(metadata.within(`${form.name}.`), `'${path}' (${form.name}.*)`);
  refuseVast(settings, file);
  const model: GgufModel = {
    settings,
    vocabulary,
    has: (tensor) => file.tensors.has(tensor),
    ropeFactors: await floatsIn(file, "rope_freqs.weight"),
  };
  const config = {
    architectures: [languageModel],
    model_type: modelType,
    vocab_size: vocabulary,
    ...form.config(model),
    bos_token_id: bos,
    eos_token_id: eos,
    pad_token_id: padding,
    torch_dtype: "float32",
    ...(begins && { armature: { kind: "lm", bos: true } }),
  };
  const backbone = parseBackbone(config, `'${path}'`);
  const parameters = parametersOf(file, form, backbone, config);
  await refuseOthers(file, form, parameters);
  return { file, config, backbone, tokenizer, parameters };
}

/** No size of a model is larger than this; lists that are as long must not be made before shapes are compared. */
const largestSize = 2 ** 24;

function refuseVast({ values, where }: ConfigJson, { tensors }: GgufFile): void {
  for (const [key, value] of Object.entries(values)) {
    const most = key === "block_count" ? tensors.size : largestSize;
    if (typeof value === "bigint" || typeof value === "number" && value > most) {
      throw new RangeError(`${where} says ${key}: ${value}; it must be ${most} at most.`);
    }
  }
}

function formOf(metadata: Metadata) {
  const name = metadata.text("general.architecture");
  if (name === undefined) throw metadata.wrong("general.architecture", "is missing");
  const architecture = architectures.find(({ gguf }) => gguf?.name === name);
  if (!architecture?.gguf) {
    const known = architectures.flatMap(({ gguf }) => gguf ? [JSON.stringify(gguf.name)] : []);
    throw new TypeError(
      `'${metadata.path}' holds a model of the architecture ${
        JSON.stringify(name)
      }, which is not supported; ` +
        `it must be ${known.join(", ")}.`,
    );
  }
  const { gguf, modelTypes, classes } = architecture;
  return { form: gguf, modelType: modelTypes[0], languageModel: classes.languageModel };
}

async function floatsIn(file: GgufFile, name: string): Promise<Float32Array | undefined> {
  const tensor = file.tensors.get(name);
  return tensor &&
    floatsOf(tensor.type, await file.read(tensor, { from: 0, count: rowsIn(tensor) }));
}

function parametersOf(
  file: GgufFile,
  form: GgufForm,
  { shapes }: Backbone,
  config: Readonly<Record<string, unknown>>,
): Map<string, StoredParameter> {
  return new Map([...shapes].map(([name, shape]) => {
    const parameter = form.parameter(name, config);
    const stored = parameter && file.tensors.get(parameter.tensor);
    if (!stored) throw lacks(file.path, parameter?.tensor ?? name);
    const expected = parameter.transposed ? shape.toReversed() : shape;
    if (stored.shape.join() !== expected.join()) {
      throw new RangeError(
        `'${file.path}': tensor ${parameter.tensor} has shape [${stored.shape}], but its metadata ask for [${expected}].`,
      );
    }
    return [name, { ...parameter, shape, stored }] as const;
  }));
}

function lacks(path: string, tensor: string): Error {
  return new Error(`'${path}' has no tensor ${tensor}, which the model needs.`);
}

/** A tensor that nothing reads would mean that another model is computed than the file holds. */
async function refuseOthers(
  file: GgufFile,
  { others = {} }: GgufForm,
  parameters: ReadonlyMap<string, StoredParameter>,
): Promise<void> {
  const known = new Set([...parameters.values()].map(({ tensor }) => tensor));
  for (const [name, tensor] of file.tensors) {
    if (known.has(name)) continue;
    const of = Object.hasOwn(others, name) ? others[name] : undefined;
    if (of === null || of !== undefined && await areSame(file, tensor, file.tensors.get(of))) {
      continue;
    }
    throw new TypeError(
      `'${file.path}' has a tensor ${name}, which models of its architecture do not have here; it is not supported.`,
    );
  }
}

async function areSame(file: GgufFile, a: GgufTensor, b: GgufTensor | undefined): Promise<boolean> {
  if (b === undefined || a.type !== b.type || a.shape.join() !== b.shape.join()) return false;
  const step = Math.max(1, Math.floor(2 ** 22 / rowBytes(a)));
  for (let from = 0; from < rowsIn(a); from += step) {
    const rows = { from, count: Math.min(step, rowsIn(a) - from) };
    const [left, right] = await Promise.all([file.read(a, rows), file.read(b, rows)]);
    if (left.some((byte, i) => byte !== right[i])) return false;
  }
  return true;
}
