/** The sizes of a GPT-2, and the few settings that change what it computes. */
export interface Gpt2Config {
  /** Number of tokens (HF `vocab_size`). */
  readonly vocabulary: number;
  /** Longest context (`n_positions`). */
  readonly positions: number;
  /** Width of hidden states, d (`n_embd`). */
  readonly width: number;
  /** Number of blocks (`n_layer`). */
  readonly layers: number;
  /** Attention heads of a block (`n_head`). */
  readonly heads: number;
  /** Width of the feed-forward layer (`n_inner`, 4 d where null). */
  readonly inner: number;
  /** ε of the layer norms (`layer_norm_epsilon`). */
  readonly epsilon: number;
  /** The end-of-text token, which is also BOS and padding (`eos_token_id`). */
  readonly endOfText: number;
}

/** What config.json may say beside the sizes; any other value means a model that is not this one. */
const required: Record<string, readonly unknown[]> = {
  model_type: ["gpt2"],
  activation_function: ["gelu_new", "gelu_pytorch_tanh", undefined],
  scale_attn_weights: [true, undefined],
  scale_attn_by_inverse_layer_idx: [false, undefined],
  add_cross_attention: [false, undefined],
  tie_word_embeddings: [true, undefined],
};

/**
 * Reads a Hugging Face `config.json`.
 *
 * @param where named in errors, usually the file's path.
 * @throws {TypeError} if it is not a GPT-2, or a setting is not supported.
 * @throws {RangeError} if a size is missing or impossible.
 */
export function parseGpt2Config(json: unknown, where: string): Gpt2Config {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new TypeError(`${where} is not a model's config.json: it must hold a JSON object.`);
  }
  const config = json as Record<string, unknown>;
  for (const [key, allowed] of Object.entries(required)) {
    if (!allowed.includes(config[key])) {
      throw new TypeError(
        `${where} says ${key}: ${JSON.stringify(config[key])}, which is not supported; ` +
          `it must be ${JSON.stringify(allowed[0])}.`,
      );
    }
  }
  const size = (key: string, fallback?: number): number => {
    const value = config[key] ?? fallback;
    if (!Number.isSafeInteger(value) || (value as number) < 1) {
      throw new RangeError(
        `${where} says ${key}: ${JSON.stringify(value)}; it must be a positive integer.`,
      );
    }
    return value as number;
  };
  const width = size("n_embd");
  const heads = size("n_head");
  if (width % heads !== 0) {
    throw new RangeError(`${where}: n_embd ${width} is not a multiple of n_head ${heads}.`);
  }
  const vocabulary = size("vocab_size");
  const endOfText = config.eos_token_id ?? config.bos_token_id ?? vocabulary - 1;
  if (
    !Number.isInteger(endOfText) || endOfText as number < 0 || endOfText as number >= vocabulary
  ) {
    throw new RangeError(
      `${where} says eos_token_id: ${endOfText}; it must be a token below vocab_size ${vocabulary}.`,
    );
  }
  const epsilon = config.layer_norm_epsilon ?? 1e-5;
  if (typeof epsilon !== "number" || !(epsilon > 0)) {
    throw new RangeError(`${where} says layer_norm_epsilon: ${epsilon}; it must be positive.`);
  }
  return {
    vocabulary,
    positions: size("n_positions", config.n_ctx as number | undefined),
    width,
    layers: size("n_layer"),
    heads,
    inner: size("n_inner", 4 * width),
    epsilon,
    endOfText: endOfText as number,
  };
}

/** The `config.json` that Hugging Face loads this model with. */
export function gpt2ConfigJson(config: Gpt2Config): Record<string, unknown> {
  return {
    model_type: "gpt2",
    architectures: ["GPT2LMHeadModel"],
    vocab_size: config.vocabulary,
    n_positions: config.positions,
    n_ctx: config.positions,
    n_embd: config.width,
    n_layer: config.layers,
    n_head: config.heads,
    n_inner: config.inner === 4 * config.width ? null : config.inner,
    layer_norm_epsilon: config.epsilon,
    activation_function: "gelu_new",
    resid_pdrop: 0,
    embd_pdrop: 0,
    attn_pdrop: 0,
    scale_attn_weights: true,
    tie_word_embeddings: true,
    bos_token_id: config.endOfText,
    eos_token_id: config.endOfText,
    torch_dtype: "float32",
  };
}
