import type { Tensor } from "../graph/tensor.ts";
import type { ConfigJson } from "./config_json.ts";
import type { Parameters, ParameterShapes } from "./parameters.ts";

type Float = Tensor<"float32">;

/** What every encoder says of itself, whatever its architecture. */
export interface EncoderConfig {
  /** Number of tokens that it has embeddings for. */
  readonly vocabulary: number;
  /** Width of hidden states, d. */
  readonly width: number;
  /** Longest text, in tokens, those around it included. */
  readonly context: number;
  /** The token that fills rows up to the length of the longest. */
  readonly pad: number;
}

/** What an encoder reads. */
export interface EncoderInputs {
  /** Token ids of whole texts, those around them included, padded at the end: `[batch, time]`. */
  readonly ids: Tensor<"int64">;
  /** 1 where there is a token, 0 where there is padding: `[batch, time]`. */
  readonly mask: Float;
}

/** What an encoder's graph is built from. */
export interface EncoderGraphInputs<Config> extends EncoderInputs {
  readonly config: Config;
  readonly shapes: ParameterShapes;
  readonly parameters: Parameters;
}

/** A family of encoders, as one file: how its config.json is read, and what it computes. */
export interface EncoderArchitecture<Config extends EncoderConfig = EncoderConfig> {
  /** What config.json calls it, under `model_type`. */
  readonly modelTypes: readonly string[];
  /** What people call it. */
  readonly title: string;
  /** Models that have it, for people. */
  readonly models: string;
  /** The classes at Hugging Face. */
  readonly classes: { readonly backbone: string; readonly classifier: string };
  /** @throws {TypeError | RangeError} if a setting is not supported, or a size is impossible. */
  parse(config: ConfigJson): Config;
  shapes(config: Config): ParameterShapes;
  /** The last hidden states: `[batch, time, d]`. What comes out at padding is not defined. */
  hidden(inputs: EncoderGraphInputs<Config>): Float;
  /** The parameters of a classifier of so many labels, beside those of the encoder. */
  classifierShapes(config: Config, labels: number): ParameterShapes;
  /** Logits of a classifier: the hidden states `[batch, time, d]` → `[batch, labels]`. */
  logits(shapes: ParameterShapes, parameters: Parameters, hidden: Float): Float;
}

/** A transformer that reads texts as a whole: every token sees all others. An architecture with sizes. */
export interface Encoder extends Readonly<EncoderConfig> {
  /** What it is called: "BERT". */
  readonly title: string;
  /** Its parameters, named as Hugging Face names them within the encoder. */
  readonly shapes: ParameterShapes;
  /** The last hidden states: `[batch, time, d]`. What comes out at padding is not defined. */
  hidden(parameters: Parameters, inputs: EncoderInputs): Float;
  /** The parameters of a classifier of so many labels, beside those of the encoder. */
  classifierShapes(labels: number): ParameterShapes;
  /** Logits of a classifier of so many labels: the hidden states `[batch, time, d]` → `[batch, labels]`. */
  logits(parameters: Parameters, hidden: Float, labels: number): Float;
}

/** An architecture with sizes. */
export function encoderOf<Config extends EncoderConfig>(
  architecture: EncoderArchitecture<Config>,
  config: Config,
): Encoder {
  const { vocabulary, width, context, pad } = config;
  const shapes = architecture.shapes(config);
  const classifierShapes = (labels: number) => architecture.classifierShapes(config, labels);
  return {
    title: architecture.title,
    vocabulary,
    width,
    context,
    pad,
    shapes,
    hidden: (parameters, inputs) => architecture.hidden({ config, shapes, parameters, ...inputs }),
    classifierShapes,
    logits: (parameters, hidden, labels) =>
      architecture.logits(classifierShapes(labels), parameters, hidden),
  };
}
