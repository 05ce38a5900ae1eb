import { basename, join, resolve } from "node:path";
import { isObject } from "../../data/value_at.ts";
import { hashOfEncoder, openEncoderFolder } from "../../encoders/encoder_folder.ts";
import { TextSession } from "../../encoders/text_session.ts";
import { readJsonFile } from "../../files/json_file.ts";
import { encoderNamed } from "../../models/encoders.ts";
import type { Device } from "../../runtime/device.ts";
import { configPath, hasWeights } from "../../weights/model_folder.ts";
import { onnxFolder } from "../../weights/onnx_folder.ts";
import type { Scorer } from "./scorer.ts";
import { probabilities } from "./transformers_classifier.ts";

/** Options of `openEncoderClassifier`. */
export interface EncoderClassifierOptions {
  /** Default: the CPU. */
  device?: Device;
  /** Texts that are computed together. Default: 32. */
  batchSize?: number;
  /** What tables and the cache call it. Default: the folder's name. */
  name?: string;
}

/**
 * A text classifier of Hugging Face, `BertForSequenceClassification` and the like, from the weights that it was published with:
 * `model.safetensors` or `pytorch_model.bin`. The scores are those of transformers' pipeline, the probabilities of all labels:
 * softmax of the logits, or the sigmoid of each where a text can have several labels, or there is only one. Texts too long for it
 * are cut off at their end.
 *
 * @throws {Error} if a file is missing.
 * @throws {TypeError} if it is no classifier of an encoder that is known.
 */
export async function openEncoderClassifier(
  folder: string,
  { device = { name: "cpu" }, batchSize = 32, name = basename(resolve(folder)) }:
    EncoderClassifierOptions = {},
): Promise<Scorer> {
  const opened = await openEncoderFolder(folder);
  const { encoder, model } = opened;
  const config = model.config as Record<string, unknown>;
  const named = classOf(config);
  if (named !== undefined && !named.endsWith(classifierClass)) {
    throw new TypeError(
      `'${folder}' holds a ${named}, which is no classifier of texts: name one, or train one on its embeddings with ` +
        `\`deno task train classifier --embeddings ${folder}\`.`,
    );
  }
  const { labels, isMultiple } = classesIn(config, configPath(folder));
  const version = await hashOfEncoder(opened);
  const session = await TextSession.open(opened, {
    shapes: new Map([...encoder.shapes, ...encoder.classifierShapes(labels.length)]),
    rows: (parameters, inputs) =>
      encoder.logits(parameters, encoder.hidden(parameters, inputs), labels.length),
  }, device);
  return {
    name,
    version,
    labels,
    reads: "whole",
    async score(texts, { signal, onScored = () => {} } = {}) {
      const all = new Float64Array(texts.length * labels.length);
      await session.read(texts, {
        batchSize,
        signal,
        onRows(rows) {
          const scored = rows.map(({ index, values }) => {
            const scores = probabilities(values, labels.length, isMultiple);
            all.set(scores, index * labels.length);
            return { index, scores };
          });
          onScored(scored);
        },
      });
      return all;
    },
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}

/**
 * Whether a folder holds an encoder or a text classifier with the weights that it was published with, to be opened or refused by
 * name. A classifier with a graph for transformers.js besides is none if its encoder is not known here.
 */
export async function isEncoderFolder(folder: string): Promise<boolean> {
  if (!await hasWeights(folder)) return false;
  const config = await readJsonFile(configPath(folder)).catch(() => undefined);
  if (!isObject(config)) return false;
  if (encoderNamed(config.model_type) !== undefined) return true;
  return classOf(config)?.endsWith(classifierClass) === true &&
    !await Deno.stat(join(folder, onnxFolder)).then(() => true, () => false);
}

/** How the classes of text classifiers end. */
const classifierClass = "ForSequenceClassification";

/** The class at Hugging Face that a config.json names. */
function classOf({ architectures }: Record<string, unknown>): string | undefined {
  const [named] = [architectures].flat();
  return typeof named === "string" ? named : undefined;
}

/** What a classifier tells apart. */
interface Classes {
  /** In the order of the logits. */
  readonly labels: readonly string[];
  /** Whether a text can have several of them. */
  readonly isMultiple: boolean;
}

/** More than any classifier has. */
const mostLabels = 2 ** 16;

function classesIn(config: Record<string, unknown>, where: string): Classes {
  const { id2label, problem_type: problem } = config;
  const said = isObject(id2label) ? Object.keys(id2label).length : config.num_labels ?? 2;
  const count = typeof said === "number" && said <= mostLabels ? said : 0;
  // as Hugging Face calls them where nobody did
  const labels = Array.from(
    { length: count },
    (_, id) => isObject(id2label) ? id2label[`${id}`] : `LABEL_${id}`,
  );
  if (labels.length === 0 || !labels.every((label) => typeof label === "string")) {
    throw new TypeError(
      `${where} has no usable id2label: it must name the label of each logit, "0", "1" and so on.`,
    );
  }
  const known = ["single_label_classification", "multi_label_classification", undefined, null];
  if (!known.includes(problem as string)) {
    throw new TypeError(
      `${where} says problem_type: ${
        JSON.stringify(problem)
      }, whose values are no probabilities: ` +
        "name a classifier of single_label_classification or multi_label_classification.",
    );
  }
  return { labels, isMultiple: problem === "multi_label_classification" || labels.length === 1 };
}
