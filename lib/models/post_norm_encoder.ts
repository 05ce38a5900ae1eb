import { multiply } from "../graph/dim.ts";
import {
  add,
  asRows,
  cast,
  cumSum,
  gather,
  greaterOrEqual,
  layerNormalization,
  mul,
  relu,
  reshape,
  slice,
  softmax,
  sub,
  tanh,
  transpose,
  unsqueeze,
  where,
} from "../graph/ops/mod.ts";
import { scalar, type Tensor } from "../graph/tensor.ts";
import { type ActivationName, activations } from "./activations.ts";
import { attentionScores, hiddenFromView, mixedValues } from "./attention.ts";
import type { BlockAttention } from "./backbone.ts";
import type { ConfigJson } from "./config_json.ts";
import type { EncoderArchitecture, EncoderConfig, EncoderGraphInputs } from "./encoder.ts";
import { linear } from "./linear.ts";
import type { Parameters, ParameterShapes } from "./parameters.ts";

type Float = Tensor<"float32">;

/** The sizes of an encoder in the manner of BERT. */
export interface PostNormConfig extends EncoderConfig {
  readonly layers: number;
  readonly attention: BlockAttention;
  /** Width of the feed-forward layer. */
  readonly inner: number;
  /** ε of the layer norms. */
  readonly epsilon: number;
  readonly activation: ActivationName;
  /** How many types of tokens there are; a text by itself is all of the first. 0 where tokens have none. */
  readonly types: number;
  /**
   * Whether only tokens that are no padding have a position, counted from that of padding on, as fairseq does: the first is
   * `pad + 1`. Otherwise positions are 0, 1, 2, ….
   */
  readonly countsTokens: boolean;
}

/** What the modules of a block are called, and where it is. */
export interface BlockNames {
  readonly blocks: string;
  readonly query: string;
  readonly key: string;
  readonly value: string;
  readonly output: string;
  readonly attentionNorm: string;
  readonly expand: string;
  readonly contract: string;
  readonly norm: string;
}

/** A classifier on the first token's hidden state h: logits = W₂ activation(W₁ h + b₁) + b₂. */
export interface HeadNames {
  readonly dense: string;
  readonly activation: "tanh" | "relu";
  readonly output: string;
}

/**
 * An encoder in the manner of BERT, of which only config.json has to be read: embeddings of tokens and absolute positions, a
 * norm, and blocks whose norms come after their branches: x ← norm(x + attention(x)), x ← norm(x + mlp(x)).
 */
export function postNormEncoder(
  { parse, names, head, ...about }:
    & Pick<EncoderArchitecture, "modelTypes" | "title" | "models" | "classes">
    & {
      readonly names: BlockNames;
      readonly head: HeadNames;
      parse(config: ConfigJson): PostNormConfig;
    },
): EncoderArchitecture<PostNormConfig> {
  return {
    ...about,
    parse,
    shapes: (config) => shapesOf(config, names),
    hidden: (inputs) => hidden(inputs, names),
    classifierShapes: ({ width }, labels) => {
      const shapes = new Map<string, readonly number[]>();
      addLinear(shapes, head.dense, width, width);
      addLinear(shapes, head.output, width, labels);
      return shapes;
    },
    logits: (shapes, parameters, states) => logits(head, shapes, parameters, states),
  };
}

/** The attention of every block. @throws {RangeError} if heads do not share the width evenly. */
export function headsOf(
  { where }: ConfigJson,
  [widthKey, width]: readonly [string, number],
  [headsKey, heads]: readonly [string, number],
): BlockAttention {
  if (width % heads !== 0) {
    throw new RangeError(
      `${where}: ${widthKey} ${width} is not a multiple of ${headsKey} ${heads}.`,
    );
  }
  const size = width / heads;
  return { heads, keyHeads: heads, size, scale: 1 / Math.sqrt(size) };
}

const embeddings = "embeddings";

function addLinear(
  shapes: Map<string, readonly number[]>,
  name: string,
  from: number,
  to: number,
): void {
  shapes.set(`${name}.weight`, [to, from]).set(`${name}.bias`, [to]);
}

function shapesOf(config: PostNormConfig, names: BlockNames): ParameterShapes {
  const { vocabulary, width, context, pad, layers, inner, types, countsTokens } = config;
  const positions = countsTokens ? context + pad + 1 : context;
  const shapes = new Map<string, readonly number[]>([
    [`${embeddings}.word_embeddings.weight`, [vocabulary, width]],
    [`${embeddings}.position_embeddings.weight`, [positions, width]],
  ]);
  if (types > 0) shapes.set(`${embeddings}.token_type_embeddings.weight`, [types, width]);
  const norm = (name: string) => {
    shapes.set(`${name}.weight`, [width]).set(`${name}.bias`, [width]);
  };
  norm(`${embeddings}.LayerNorm`);
  for (let i = 0; i < layers; i++) {
    const block = `${names.blocks}.${i}`;
    for (const part of [names.query, names.key, names.value, names.output]) {
      addLinear(shapes, `${block}.${part}`, width, width);
    }
    norm(`${block}.${names.attentionNorm}`);
    addLinear(shapes, `${block}.${names.expand}`, width, inner);
    addLinear(shapes, `${block}.${names.contract}`, inner, width);
    norm(`${block}.${names.norm}`);
  }
  return shapes;
}

function hidden(
  { config, shapes, parameters, ids, mask }: EncoderGraphInputs<PostNormConfig>,
  names: BlockNames,
): Float {
  const { attention, width, layers, epsilon, activation, types } = config;
  const { heads, size } = attention;
  const [batch, time] = ids.shape;
  const get = (name: string) => parameters(name, shapes.get(name)!);
  const project = (x: Float, name: string) => linear(shapes, parameters, name, "linear", x);
  const norm = (x: Float, name: string) =>
    layerNormalization(x, get(`${name}.weight`), get(`${name}.bias`), epsilon);
  const padding = unsqueeze(mul(sub(mask, 1), -hiddenFromView), [1, 2]);

  const words = gather(get(`${embeddings}.word_embeddings.weight`), ids);
  // as Hugging Face adds them: types first, where there are any
  const typed = types > 0
    ? add(words, slice(get(`${embeddings}.token_type_embeddings.weight`), 0, 0, 1))
    : words;
  const positioned = add(
    typed,
    positionsOf(config, ids, get(`${embeddings}.position_embeddings.weight`)),
  );
  let x = norm(asRows(positioned), `${embeddings}.LayerNorm`);
  for (let i = 0; i < layers; i++) {
    const block = `${names.blocks}.${i}`;
    const [query, key, value] = [names.query, names.key, names.value].map((part) =>
      transpose(reshape(project(x, `${block}.${part}`), [batch, time, heads, size]), [0, 2, 1, 3])
    );
    const weights = softmax(add(attentionScores(attention, query, key), padding));
    const mixed = transpose(mixedValues(attention, weights, value), [0, 2, 1, 3]);
    const attended = reshape(mixed, [multiply(batch, time), width]);
    x = norm(
      add(project(attended, `${block}.${names.output}`), x),
      `${block}.${names.attentionNorm}`,
    );
    const inner = activations[activation](project(x, `${block}.${names.expand}`));
    x = norm(add(project(inner, `${block}.${names.contract}`), x), `${block}.${names.norm}`);
  }
  return reshape(x, [batch, time, width]);
}

/** The embeddings of the tokens' positions, `[time, d]` or `[batch, time, d]`. */
function positionsOf(
  { pad, countsTokens }: PostNormConfig,
  ids: Tensor<"int64">,
  table: Float,
): Float {
  if (!countsTokens) return slice(table, 0, 0, ids.shape[1]);
  const isFrom = (id: number) => greaterOrEqual(ids, scalar("int64", id));
  const isToken = where(isFrom(pad + 1), 1, where(isFrom(pad), 0, scalar("float32", 1)));
  return gather(table, cast(add(mul(cumSum(isToken), isToken), pad), "int64"));
}

function logits(
  { dense, activation, output }: HeadNames,
  shapes: ParameterShapes,
  parameters: Parameters,
  states: Float,
): Float {
  const [batch, , width] = states.shape;
  const first = reshape(slice(states, 1, 0, 1), [batch, width]);
  const project = (x: Float, name: string) => linear(shapes, parameters, name, "linear", x);
  const activate = activation === "tanh" ? tanh : relu;
  return project(activate(project(first, dense)), output);
}
