import { join } from "node:path";
import { parseEncoder } from "../../lib/models/encoders.ts";
import { writeModelFolder } from "../../lib/weights/model_folder.ts";

/** What transformers makes of a text with a tiny classifier. */
export interface EncoderCase {
  readonly text: string;
  readonly ids: readonly number[];
  /** The hidden states of the first and the last token. */
  readonly hidden: readonly [readonly number[], readonly number[]];
  /** The mean of all hidden states, and the largest of each component. */
  readonly mean: readonly number[];
  readonly max: readonly number[];
  readonly logits: readonly number[];
  /** Those of the pipeline "text-classification". */
  readonly probabilities: readonly number[];
}

/** A tiny classifier: its configuration and tokenizer, and what becomes of some texts. */
export interface EncoderModel {
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly files: Readonly<Record<string, unknown>>;
  readonly labels: readonly string[];
  /** The most tokens of a text that the model reads. */
  readonly longest: number;
  readonly cases: readonly EncoderCase[];
}

/**
 * Tiny classifiers of every kind of encoder, and what transformers made of them when their parameters were those of
 * `encoderValues`.
 */
export const encoderModels: readonly EncoderModel[] = JSON.parse(
  await Deno.readTextFile(new URL("./cases.json", import.meta.url)),
).models;

/** What Hugging Face puts before the names of an encoder's parameters in a classifier. */
const prefixes: Readonly<Record<string, string>> = {
  bert: "bert.",
  distilbert: "distilbert.",
  roberta: "roberta.",
  "xlm-roberta": "roberta.",
};

/** The names and shapes of a classifier's parameters, as Hugging Face saves them. */
export function encoderShapes(
  { config, labels }: EncoderModel,
  prefix = prefixes[config.model_type as string],
): Map<string, readonly number[]> {
  const encoder = parseEncoder(config, "config.json");
  const isHead = (name: string) => /^(pre_)?classifier\./.test(name);
  return new Map(
    [...encoder.shapes, ...encoder.classifierShapes(labels.length)].map(([name, shape]) =>
      [isHead(name) ? name : prefix + name, shape] as const
    ),
  );
}

/**
 * The parameters of a tiny classifier. The k-th in the order of names begins with the numbers sin(1 + 12.9898 k + 78.233 i),
 * i = 1, 2, …, of which norms' factors are one tenth more than 1, and others four tenths.
 */
export function encoderValues(model: EncoderModel): Map<string, Float32Array> {
  const shapes = encoderShapes(model);
  return new Map(
    [...shapes.keys()].sort().map((name, k) => {
      const size = shapes.get(name)!.reduce((product, extent) => product * extent, 1);
      const isNorm = /(\.LayerNorm|layer_norm)\.weight$/.test(name);
      const values = Float32Array.from({ length: size }, (_, i) => {
        const value = Math.sin(1 + 12.9898 * (k + 1) + 78.233 * (i + 1));
        return isNorm ? 1 + 0.1 * value : 0.4 * value;
      });
      return [name, values];
    }),
  );
}

/** Writes a tiny classifier as Hugging Face saves it. */
export async function writeEncoderModel(
  folder: string,
  model: EncoderModel,
  values: ReadonlyMap<string, Float32Array> = encoderValues(model),
): Promise<void> {
  await writeModelFolder(folder, { config: model.config, shapes: encoderShapes(model), values });
  await writeEncoderFiles(folder, model);
}

/** Writes the files of the tokenizer. */
export async function writeEncoderFiles(folder: string, { files }: EncoderModel): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const text = typeof content === "string" ? content : JSON.stringify(content);
    await Deno.writeTextFile(join(folder, name), text);
  }
}
