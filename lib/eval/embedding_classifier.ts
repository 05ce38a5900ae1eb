import { isObject } from "../data/value_at.ts";
import { writeAtomically } from "../files/atomic_write.ts";
import { readJsonFile } from "../files/json_file.ts";
import type { Kind, OptionsOf, OptionTable } from "../options/option.ts";
import { checkArgument, settle } from "../options/settle.ts";
import { minimize, type Objective } from "./lbfgs.ts";
import { checkClasses, crossEntropyOf, sigmoid } from "./logistic.ts";

/** The options of {@linkcode trainEmbeddingClassifier}. */
export const trainEmbeddingClassifierOptions = {
  l2: {
    type: "number",
    above: 0,
    default: 1,
    help: "the L2 penalty λ: λ/2·‖w‖² is added to the summed cross-entropy",
  },
} as const satisfies OptionTable;

/** The options of {@linkcode trainEmbeddingClassifier}. */
export type EmbeddingClassifierOptions = OptionsOf<typeof trainEmbeddingClassifierOptions>;

const embeddingsKind = {
  type: "list",
  of: {
    type: "value",
    is: (value: unknown): value is Float32Array => value instanceof Float32Array,
    what: "a Float32Array, from await embedTexts()",
  },
} as const satisfies Kind;

const format = "armature-embedding-classifier";
const formatVersion = 1;

/**
 * A classifier into two classes by the embeddings of texts, made to judge generated text: logistic regression on the vectors of a
 * sentence encoder that is no part of what steers. With x a text's vector,
 *
 *     p = σ( b + ⟨w, x⟩ ).
 */
export class EmbeddingClassifier {
  readonly #bias: number;
  readonly #weights: Float64Array;

  /** A classifier of given parameters; see {@linkcode trainEmbeddingClassifier} for a trained one. */
  constructor(bias: number, weights: Float64Array) {
    this.#bias = bias;
    this.#weights = weights;
  }

  /** How many numbers an embedding has. */
  get width(): number {
    return this.#weights.length;
  }

  /** The probability of the class labelled 1, in [0, 1]. @throws {RangeError} if the embedding is of another width. */
  probability(embedding: ArrayLike<number>): number {
    if (embedding.length !== this.#weights.length) {
      throw new RangeError(
        `The classifier reads embeddings of ${this.#weights.length} numbers, and not of ${embedding.length}: ` +
          "use the encoder that it was trained with.",
      );
    }
    return sigmoid(this.#bias + dot(this.#weights, embedding));
  }

  /** Writes the classifier as one JSON file, atomically. @throws {Error} if the file cannot be written. */
  async save(path: string): Promise<void> {
    const file = { format, version: formatVersion, bias: this.#bias, weights: [...this.#weights] };
    await writeAtomically(path, JSON.stringify(file) + "\n");
  }

  /**
   * Reads what `save` wrote; the classifier gives exactly the same probabilities.
   *
   * @throws {Error} if the file cannot be read.
   * @throws {SyntaxError} if it is not a saved classifier.
   */
  static async load(path: string): Promise<EmbeddingClassifier> {
    const file = await readJsonFile(path);
    const isSaved = isObject(file) && file.format === format && file.version === formatVersion &&
      Number.isFinite(file.bias) && Array.isArray(file.weights) &&
      file.weights.every(Number.isFinite);
    if (!isSaved) {
      throw new SyntaxError(
        `'${path}' is not a classifier of embeddings of version ${formatVersion}: train it anew.`,
      );
    }
    return new EmbeddingClassifier(
      file.bias as number,
      Float64Array.from(file.weights as number[]),
    );
  }
}

/**
 * Trains an {@linkcode EmbeddingClassifier} on embeddings with labels in [0, 1]; a label between 0 and 1 is the probability of
 * class 1. The problem is convex and solved to convergence from 0: nothing is drawn at random and equal data gives equal weights.
 *
 * @param embeddings of the texts, `[texts][width]`, from `embedTexts`.
 * @throws {RangeError} if there is no text, the lengths differ, a label is outside [0, 1], all labels are 0 or all are 1, or an
 *   option is out of range.
 * @throws {TypeError} if an argument or option is missing, unknown, or of another kind.
 */
export function trainEmbeddingClassifier(
  embeddings: readonly Float32Array[],
  labels: ArrayLike<number>,
  options: EmbeddingClassifierOptions = {},
): EmbeddingClassifier {
  checkArgument("trainEmbeddingClassifier", "embeddings", embeddingsKind, embeddings);
  const { l2 } = settle("trainEmbeddingClassifier", trainEmbeddingClassifierOptions, options);
  checkClasses("trainEmbeddingClassifier", "a classifier of embeddings", embeddings.length, labels);
  const width = embeddings[0].length;
  if (!embeddings.every(({ length }) => length === width)) {
    throw new RangeError(
      "Cannot train a classifier of embeddings as they have several widths: use one encoder",
    );
  }
  const fitted = minimize(penalizedCrossEntropy(embeddings, labels, l2), width + 1);
  return new EmbeddingClassifier(fitted[width], fitted.slice(0, width));
}

/** The summed cross-entropy plus λ/2·‖w‖², of the weights followed by the (unpenalized) bias. */
function penalizedCrossEntropy(
  embeddings: readonly Float32Array[],
  labels: ArrayLike<number>,
  l2: number,
): Objective {
  const width = embeddings[0].length;
  return (point, gradient) => {
    let loss = 0;
    for (let j = 0; j < width; j++) {
      loss += l2 / 2 * point[j] * point[j];
      gradient[j] = l2 * point[j];
    }
    gradient[width] = 0;
    embeddings.forEach((embedding, i) => {
      const logit = point[width] + dot(embedding, point);
      loss += crossEntropyOf(logit, labels[i]);
      const error = sigmoid(logit) - labels[i];
      for (let j = 0; j < width; j++) gradient[j] += error * embedding[j];
      gradient[width] += error;
    });
    return loss;
  };
}

/** Σ a_j b_j over the places of `a`. */
function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j] * b[j];
  return sum;
}
