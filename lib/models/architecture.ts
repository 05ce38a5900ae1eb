import type { Tensor } from "../graph/tensor.ts";
import type { ConfigJson } from "./config_json.ts";
import type { GgufForm } from "./gguf_form.ts";
import type {
  Attend,
  Backbone,
  BlockAttention,
  Fill,
  Matrix,
  ModelConfig,
  ThroughBlocks,
} from "./backbone.ts";
import type { Parameters, ParameterShapes } from "./parameters.ts";

/** What a backbone's graph is built from. */
export interface HiddenInputs<Config> {
  readonly config: Config;
  readonly shapes: ParameterShapes;
  readonly parameters: Parameters;
  /** `[batch, time]`. */
  readonly ids: Tensor<"int64">;
  /** `[batch, time]`; undefined for 0 … time − 1. */
  readonly positions: Tensor<"int64"> | undefined;
  readonly attend: Attend;
  /**
   * Takes what the first block reads through all blocks, in order: `through(embedded, (x, i) => …)`. A model that has only the upper
   * blocks to itself begins there with the states of another.
   */
  readonly through: ThroughBlocks;
}

/** A family of transformers, as one file: how its config.json is read, and what it computes. */
export interface Architecture<Config extends ModelConfig = ModelConfig> {
  /** What config.json calls it, under `model_type`. */
  readonly modelTypes: readonly string[];
  /** Keys of a config.json from before there was `model_type`, by which it is known. Default: none, it always has one. */
  readonly signature?: readonly string[];
  /** What people call it. */
  readonly title: string;
  /** Models that have it, for people. */
  readonly models: string;
  /** The classes at Hugging Face. */
  readonly classes: { readonly languageModel: string; readonly backbone: string };
  /** How llama.cpp writes its models into GGUF files. Default: it does not. */
  readonly gguf?: GgufForm;
  /** @throws {TypeError | RangeError} if a setting is not supported, or a size is impossible. */
  parse(config: ConfigJson): Config;
  /** The config.json of a language model. */
  json(config: Config): Readonly<Record<string, unknown>>;
  /** The module that holds the backbone in the language model, where parameters are named without it. Default: none. */
  readonly module?: string;
  blocks(config: Config): readonly BlockAttention[];
  shapes(config: Config): ParameterShapes;
  embeddings(config: Config): { inputEmbedding: string; outputEmbedding: string };
  matrices(config: Config): readonly Matrix[];
  /** The last hidden states after the final norm, tokens as rows: `[batch·time, d]`. */
  hidden(inputs: HiddenInputs<Config>): Tensor<"float32">;
  fill(config: Config, name: string): Fill;
  partOf(name: string): string;
}

/** An architecture with sizes. */
export function backboneOf<Config extends ModelConfig>(
  architecture: Architecture<Config>,
  config: Config,
): Backbone {
  const { vocabulary, width, context, bos, endOfText } = config;
  const shapes = architecture.shapes(config);
  const blocks = architecture.blocks(config);
  const throughAll: ThroughBlocks = (x, block) => blocks.reduce((x, _, i) => block(x, i), x);
  return {
    title: architecture.title,
    classes: architecture.classes,
    modulePrefix: architecture.module === undefined ? "" : `${architecture.module}.`,
    vocabulary,
    width,
    context,
    bos,
    endOfText,
    blocks,
    shapes,
    ...architecture.embeddings(config),
    matrices: architecture.matrices(config),
    hidden: (parameters, ids, positions, attend, through = throughAll) =>
      architecture.hidden({ config, shapes, parameters, ids, positions, attend, through }),
    fill: (name) => architecture.fill(config, name),
    partOf: architecture.partOf,
    json: () => architecture.json(config),
  };
}
