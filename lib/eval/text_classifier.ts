import { parseJson } from "../files/json.ts";
import type { OptionsOf, OptionTable } from "../options/option.ts";
import { checkArgument, settle } from "../options/settle.ts";
import { textsKind } from "../options/texts_kind.ts";
import { writeAtomically } from "../files/atomic_write.ts";
import { minimize, type Objective } from "./lbfgs.ts";
import { checkClasses, crossEntropyOf, sigmoid } from "./logistic.ts";
import { words } from "./words.ts";

/** The options of {@linkcode trainTextClassifier}. */
export const trainTextClassifierOptions = {
  order: {
    type: "integer",
    min: 1,
    default: 2,
    help: "the longest n-gram of words that is a feature",
  },
  l2: {
    type: "number",
    above: 0,
    default: 0.05,
    help: "the L2 penalty λ: λ/2·‖w‖² is added to the summed cross-entropy",
  },
  smoothing: {
    type: "number",
    above: 0,
    default: 0.3,
    help:
      "what is added to the count of each feature in both classes before their log ratio is taken",
  },
} as const satisfies OptionTable;

/** The options of {@linkcode trainTextClassifier}. */
export type TextClassifierOptions = OptionsOf<typeof trainTextClassifierOptions>;

/** Names the file format; a change of the features needs a new version. */
const FORMAT = "armature-text-classifier";
const VERSION = 1;

/** The parameters of a {@linkcode TextClassifier}; the lists are parallel. */
export interface TextClassifierParameters {
  /** The longest n-gram of words. */
  order: number;
  /** b. */
  bias: number;
  features: readonly string[];
  /** r, the log-count ratios. */
  ratios: readonly number[];
  /** w. */
  weights: readonly number[];
}

/**
 * A classifier of texts into two classes, made to judge generated text: it shares no weights, no
 * tokenizer and no architecture with the language and reward models, so that a system that has
 * learnt to please its own reward model gains nothing here.
 *
 * It is logistic regression on word n-grams weighted by their log-count ratios (NB-SVM; Wang and
 * Manning, 2012). With F the text's known features,
 *
 *     p = σ( b + Σ_(f∈F) w_f r_f / √(Σ_(f∈F) r_f²) ).
 *
 * Features are the n-grams that occur in the text (not how often) and the first letters of long
 * words, so that unseen inflections are known. Words between a negation and the next punctuation
 * mark or "but" are features of their own.
 */
export class TextClassifier {
  readonly #parameters: TextClassifierParameters;
  readonly #index: ReadonlyMap<string, number>;

  /** A classifier of given parameters; see {@linkcode trainTextClassifier} for a trained one. */
  constructor(parameters: TextClassifierParameters) {
    this.#parameters = parameters;
    this.#index = new Map(parameters.features.map((name, i) => [name, i]));
  }

  /** The probability of the class labelled 1, in [0, 1]. */
  probability(text: string): number {
    const { order, bias, ratios, weights } = this.#parameters;
    let score = 0;
    let squares = 0;
    for (const name of featuresOf(text, order)) {
      const f = this.#index.get(name);
      if (f === undefined) continue;
      score += weights[f] * ratios[f];
      squares += ratios[f] * ratios[f];
    }
    return sigmoid(bias + (squares > 0 ? score / Math.sqrt(squares) : 0));
  }

  /**
   * Writes the classifier as one JSON file, atomically.
   *
   * @throws Error if the file cannot be written.
   */
  async save(path: string): Promise<void> {
    const file = { format: FORMAT, version: VERSION, ...this.#parameters };
    await writeAtomically(path, JSON.stringify(file) + "\n");
  }

  /**
   * Reads what {@linkcode save} wrote; the classifier gives exactly the same probabilities.
   *
   * @throws Error if the file cannot be read.
   * @throws SyntaxError if it is not a saved classifier.
   */
  static async load(path: string): Promise<TextClassifier> {
    let text: string;
    try {
      text = await Deno.readTextFile(path);
    } catch (cause) {
      const reason = cause instanceof Deno.errors.NotFound
        ? "there is no such file, so train a classifier and save it there first"
        : (cause as Error).message;
      throw new Error(`Cannot read the text classifier '${path}': ${reason}`, { cause });
    }
    return new TextClassifier(parseFile(path, text));
  }
}

/**
 * Trains a {@linkcode TextClassifier} on texts with labels in [0, 1]; a label between 0 and 1 is the
 * probability of class 1. The problem is convex and solved to convergence from 0: nothing is drawn
 * at random and equal data gives equal weights.
 *
 * @throws RangeError if there is no text, the lengths differ, a label is outside [0, 1], all labels
 *   are 0 or all are 1, or an option is out of range.
 */
export function trainTextClassifier(
  texts: readonly string[],
  labels: ArrayLike<number>,
  options: TextClassifierOptions = {},
): TextClassifier {
  checkArgument("trainTextClassifier", "texts", textsKind, texts);
  const { order, l2, smoothing } = settle(
    "trainTextClassifier",
    trainTextClassifierOptions,
    options,
  );
  checkClasses("trainTextClassifier", "a text classifier", texts.length, labels);

  const index = new Map<string, number>();
  const rows = texts.map((text) =>
    Uint32Array.from(featuresOf(text, order), (name) => {
      const f = index.get(name) ?? index.size;
      index.set(name, f);
      return f;
    })
  );
  const ratios = logCountRatios(rows, labels, index.size, smoothing);
  const fitted = minimize(crossEntropy(rows, labels, ratios, l2), index.size + 1);
  return new TextClassifier({
    order,
    bias: fitted[index.size],
    features: [...index.keys()],
    ratios: Array.from(ratios),
    weights: Array.from(fitted.subarray(0, index.size)),
  });
}

/** r_f = ln((s + Σ y·f) / ‖s + Σ y·f‖₁) − ln((s + Σ (1 − y)·f) / ‖s + Σ (1 − y)·f‖₁). */
function logCountRatios(
  rows: readonly Uint32Array[],
  labels: ArrayLike<number>,
  features: number,
  smoothing: number,
): Float64Array {
  const positive = new Float64Array(features).fill(smoothing);
  const negative = new Float64Array(features).fill(smoothing);
  for (const [i, row] of rows.entries()) {
    for (const feature of row) {
      positive[feature] += labels[i];
      negative[feature] += 1 - labels[i];
    }
  }
  const total = (counts: Float64Array) => counts.reduce((sum, count) => sum + count, 0);
  const prior = Math.log(total(positive) / total(negative));
  return positive.map((count, feature) => Math.log(count / negative[feature]) - prior);
}

/** The summed cross-entropy plus λ/2·‖w‖², of the weights followed by the (unpenalized) bias. */
function crossEntropy(
  rows: readonly Uint32Array[],
  labels: ArrayLike<number>,
  ratios: Float64Array,
  l2: number,
): Objective {
  const lengths = rows.map((row) => {
    const squares = row.reduce((sum, feature) => sum + ratios[feature] ** 2, 0);
    return squares > 0 ? Math.sqrt(squares) : 1;
  });
  const bias = ratios.length;
  return (point, gradient) => {
    let loss = 0;
    for (let f = 0; f < bias; f++) {
      loss += l2 / 2 * point[f] * point[f];
      gradient[f] = l2 * point[f];
    }
    gradient[bias] = 0;
    for (let i = 0; i < rows.length; i++) {
      let score = 0;
      for (const f of rows[i]) score += point[f] * ratios[f];
      const logit = point[bias] + score / lengths[i];
      loss += crossEntropyOf(logit, labels[i]);
      const error = sigmoid(logit) - labels[i];
      for (const f of rows[i]) gradient[f] += error * ratios[f] / lengths[i];
      gradient[bias] += error;
    }
    return loss;
  };
}

const NEGATIONS = new Set(["n't", "not", "no", "never", "without", "hardly", "neither", "nor"]);
/** How many first letters of a longer word are a feature. */
const STEM = 5;

/** The names of the features of a text, each once. */
function featuresOf(text: string, order: number): Set<string> {
  const marked = markNegated(words(text));
  const features = new Set<string>();
  for (const word of marked) {
    const length = word.startsWith("!") ? STEM + 1 : STEM;
    if (word.length > length) features.add(`${word.slice(0, length)}*`);
  }
  for (let n = 1; n <= order; n++) {
    for (let i = 0; i + n <= marked.length; i++) features.add(marked.slice(i, i + n).join(" "));
  }
  return features;
}

/** Puts "!" before each word between a negation and the next punctuation mark or "but". */
function markNegated(text: readonly string[]): string[] {
  let negated = false;
  return text.map((word) => {
    if (word === "but" || !/[\p{L}\p{N}]/u.test(word)) {
      negated = false;
      return word;
    }
    const marked = negated ? `!${word}` : word;
    if (NEGATIONS.has(word)) negated = true;
    return marked;
  });
}

/** Reads a file of {@linkcode TextClassifier.save}, trusting nothing in it. */
function parseFile(path: string, text: string): TextClassifierParameters {
  const refuse = (reason: string, cause?: unknown): never => {
    throw new SyntaxError(
      `Cannot load the text classifier '${path}' as ${reason}: train and save it anew`,
      { cause },
    );
  };
  let file: unknown;
  try {
    file = parseJson(text);
  } catch (cause) {
    return refuse("it is not JSON", cause);
  }
  if (typeof file !== "object" || file === null) return refuse("it is not a JSON object");
  const { format, version, order, bias, features, ratios, weights } = file as Record<
    string,
    unknown
  >;
  if (format !== FORMAT) return refuse(`its 'format' is not '${FORMAT}'`);
  if (version !== VERSION) return refuse(`its 'version' is ${version} and not ${VERSION}`);
  if (!Number.isInteger(order) || (order as number) < 1) {
    return refuse(`its 'order' is not a positive integer`);
  }
  if (!Number.isFinite(bias)) return refuse("its 'bias' is not a number");
  if (!Array.isArray(features) || !features.every((name) => typeof name === "string")) {
    return refuse("its 'features' is not a list of strings");
  }
  for (const [name, values] of Object.entries({ ratios, weights })) {
    if (!Array.isArray(values) || !values.every(Number.isFinite)) {
      return refuse(`its '${name}' is not a list of numbers`);
    }
    if (values.length !== features.length) {
      return refuse(`it has ${features.length} features but ${values.length} ${name}`);
    }
  }
  return { order, bias, features, ratios, weights } as TextClassifierParameters;
}
