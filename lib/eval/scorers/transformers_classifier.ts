import { createHash } from "node:crypto";
import { basename, join } from "node:path";
import {
  type Dtype,
  fileEndings,
  folderAt,
  fromFolder,
  requireGraph,
  transformersFiles,
} from "../../bases/transformers_base.ts";
import { isObject } from "../../data/value_at.ts";
import { loadWholeTextTokenizer } from "../../encoders/whole_text_tokenizer.ts";
import { readJsonFile } from "../../files/json_file.ts";
import type { Device } from "../../runtime/device.ts";
import { fetchRepository, type HubOptions } from "../../weights/hub.ts";
import { tokenizerFiles } from "../../weights/side_files.ts";
import { onnxFolder } from "../../weights/onnx_folder.ts";
import { scoreInBatches, type Scorer } from "./scorer.ts";

/** Options of `openTransformersClassifier`. */
export interface TransformersClassifierOptions extends HubOptions {
  /** How the weights are stored. Default: "fp32". */
  dtype?: Dtype;
  /** Default: the CPU. */
  device?: Device;
  /** Texts that are computed together. Default: 32. */
  batchRows?: number;
}

/**
 * Any text classifier of transformers.js, from a folder or from a Hugging Face hub: such as the sentiment classifier of
 * the paper, `distilbert/distilbert-base-uncased-finetuned-sst-2-english`, or one of toxicity.
 *
 * The scores are the probabilities of all its labels: softmax of the logits, or the sigmoid of each where the model says
 * that a text can have several labels, or has only one. Texts too long for it are cut off at their end, as the authors'
 * pipeline does; ids are those of Hugging Face's `tokenizers`. The version is a hash of the model's files, so that it is the
 * same wherever they come from.
 *
 * In float32 a text's scores do not depend on those that are computed with it but for rounding; with quantized
 * activations (q8) they do, a little.
 *
 * @param nameOrFolder a folder with `config.json`, a tokenizer and `onnx/model.onnx`, or a name on the hub.
 * @throws Error, one sentence, if it is not there, cannot be fetched, or has no weights of that dtype; TypeError if it
 *   is not a classifier of texts.
 */
export async function openTransformersClassifier(
  nameOrFolder: string,
  options: TransformersClassifierOptions = {},
): Promise<Scorer> {
  const { dtype = "fp32", device = { name: "cpu" }, batchRows = 32, ...hub } = options;
  const local = await folderAt(nameOrFolder);
  const folder = local ?? await Deno.realPath(
    await fetchRepository({ kind: "model", name: nameOrFolder }, transformersFiles(dtype), hub),
  );
  await requireGraph(folder, "model", dtype, nameOrFolder);
  const labels = await labelsIn(folder, nameOrFolder);
  const config = await readJsonFile(join(folder, "config.json")) as Record<string, unknown>;
  const isMultiple = config.problem_type === "multi_label_classification" || labels.length === 1;
  const version = `${await hashOf(folder, dtype)} ${dtype}`;
  const tokenizer = await loadWholeTextTokenizer(folder);
  const { pad = 0, padsLeft, longest = Infinity } = tokenizer;
  // imported only now: it loads the native runtime, which a command that only prints help can spare
  const { AutoModelForSequenceClassification, Tensor } = await import(
    "@huggingface/transformers"
  );
  let model: Awaited<ReturnType<typeof AutoModelForSequenceClassification.from_pretrained>>;
  try {
    model = await AutoModelForSequenceClassification.from_pretrained(folder, {
      dtype,
      device: device.name,
      ...fromFolder,
      session_options: { logSeverityLevel: 4 },
    });
  } catch (cause) {
    const reason = (cause instanceof Error ? cause.message : String(cause)).replace(/\.$/, "");
    throw new Error(
      `Cannot open the classifier '${nameOrFolder}': ${reason}, so name a text classifier that transformers.js opens`,
      { cause },
    );
  }
  return {
    name: local === undefined ? nameOrFolder : basename(local),
    version,
    labels,
    reads: "whole",
    score: (texts, scoreOptions = {}) =>
      scoreInBatches(texts, labels.length, batchRows, async (batch) => {
        const rows = batch.map((text) => tokenizer.encode(text, longest).ids);
        const { ids, mask, dims } = padded(rows, pad, padsLeft);
        const inputs: TensorRecord = {
          input_ids: new Tensor("int64", ids, dims),
          attention_mask: new Tensor("int64", mask, dims),
        };
        let output: { logits?: DisposableTensor } & TensorRecord = {};
        try {
          output = await model(inputs).catch((cause: Error) => {
            const [reason] = cause.message.trim().split("\n");
            throw new Error(`Cannot run the classifier '${nameOrFolder}': ${reason}`, { cause });
          }) as typeof output;
          const { logits } = output;
          if (logits === undefined || logits.dims.join() !== `${batch.length},${labels.length}`) {
            throw new TypeError(
              `The classifier '${nameOrFolder}' does not give a logit for each of its ${labels.length} labels, so ` +
                "correct id2label in its config.json",
            );
          }
          return probabilities(logits.data as Float32Array, labels.length, isMultiple);
        } finally {
          for (const tensor of [...Object.values(inputs), ...Object.values(output)]) {
            tensor?.dispose?.();
          }
        }
      }, scoreOptions),
    async [Symbol.asyncDispose]() {
      await model.dispose();
    },
  };
}

/** Rows of ids as one matrix, and which of its places hold them. */
function padded(rows: readonly (readonly number[])[], padding: number, padsLeft: boolean) {
  const time = Math.max(1, ...rows.map(({ length }) => length));
  const ids = new BigInt64Array(rows.length * time).fill(BigInt(padding));
  const mask = new BigInt64Array(rows.length * time);
  rows.forEach((row, i) => {
    const start = i * time + (padsLeft ? time - row.length : 0);
    row.forEach((id, t) => {
      ids[start + t] = BigInt(id);
      mask[start + t] = 1n;
    });
  });
  return { ids, mask, dims: [rows.length, time] };
}

/** What is used here of a tensor of transformers.js. */
interface DisposableTensor {
  readonly dims: readonly number[];
  readonly data: unknown;
  dispose?(): void;
}
type TensorRecord = Record<string, DisposableTensor | undefined>;

/** Whether a folder holds a text classifier for transformers.js. */
export async function isTransformersClassifier(folder: string): Promise<boolean> {
  const isThere = (path: string) => Deno.stat(path).then(() => true, () => false);
  return await isThere(join(folder, "config.json")) && await isThere(join(folder, onnxFolder));
}

/** Probabilities from logits, row-major [rows, labels]. */
export function probabilities(
  logits: ArrayLike<number>,
  labels: number,
  isMultiple: boolean,
): Float64Array {
  const result = new Float64Array(logits.length);
  for (let start = 0; start < logits.length; start += labels) {
    let largest = -Infinity;
    for (let i = start; i < start + labels; i++) largest = Math.max(largest, logits[i]);
    let sum = 0;
    for (let i = start; i < start + labels; i++) {
      result[i] = isMultiple ? 1 / (1 + Math.exp(-logits[i])) : Math.exp(logits[i] - largest);
      sum += result[i];
    }
    if (isMultiple) continue;
    for (let i = start; i < start + labels; i++) result[i] /= sum;
  }
  return result;
}

/** The labels that config.json names, in the order of the logits. */
async function labelsIn(folder: string, name: string): Promise<string[]> {
  const path = join(folder, "config.json");
  const config = await readJsonFile(path);
  const id2label = isObject(config) ? config.id2label : undefined;
  const labels = isObject(id2label)
    ? Object.keys(id2label).map((_, id) => id2label[String(id)])
    : [];
  if (labels.length === 0 || !labels.every((label) => typeof label === "string")) {
    throw new TypeError(
      `'${name}' is not a text classifier: its config.json has no id2label, so name one that has its labels there`,
    );
  }
  return labels;
}

/** A hash of all that decides scores. */
async function hashOf(folder: string, dtype: Dtype): Promise<string> {
  const graph = `model${fileEndings[dtype]}.onnx`;
  const files = ["config.json", "vocab.txt", ...tokenizerFiles];
  const graphs: string[] = [];
  for await (const { name } of Deno.readDir(join(folder, onnxFolder))) {
    if (name === graph || name.startsWith(`${graph}_data`)) graphs.push(join(onnxFolder, name));
  }
  const hash = createHash("sha256");
  for (const path of [...files, ...graphs.sort()]) {
    let file: Deno.FsFile;
    try {
      file = await Deno.open(join(folder, path));
    } catch (cause) {
      if (cause instanceof Deno.errors.NotFound) continue;
      throw cause;
    }
    hash.update(path);
    for await (const chunk of file.readable) hash.update(chunk);
  }
  return hash.digest("hex").slice(0, 12);
}
