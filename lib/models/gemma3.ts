import { gatedGguf } from "./gated_gguf.ts";
import { gatedDecoder, gatedSizes, slidingLayers } from "./gated_decoder.ts";
import { readRotary } from "./rotary.ts";

/**
 * Gemma 3 for text (Gemma Team, 2025): four norms a block, whose factors are 1 + w, windows in five blocks of six with rotary
 * positions of their own, and embeddings times √d. As Hugging Face's `Gemma3TextModel` computes it.
 */
export const gemma3 = gatedDecoder({
  modelTypes: ["gemma3_text"],
  title: "Gemma 3",
  models: "Gemma 3 for text: 270M and 1B",
  classes: { languageModel: "Gemma3ForCausalLM", backbone: "Gemma3TextModel" },
  gguf: gatedGguf({
    name: "gemma3",
    normOffset: 1,
    normsAround: true,
    more: ({ settings }) => {
      settings.oneOf("final_logit_softcapping", [undefined]);
      settings.oneOf("attn_logit_softcapping", [undefined]);
      const layers = settings.size("block_count");
      return {
        hidden_act: undefined,
        hidden_activation: "gelu_pytorch_tanh",
        sliding_window: settings.size("attention.sliding_window"),
        layer_types: Array.from(
          { length: layers },
          (_, i) => (i + 1) % 6 === 0 ? "full_attention" : "sliding_attention",
        ),
        rope_local_base_freq: settings.positive("rope.freq_base_swa", 1e4),
        query_pre_attn_scalar: settings.size("attention.key_length"),
      };
    },
  }),
  parse(config) {
    const { layers, attention, shared } = gatedSizes(config, { tied: true });
    config.oneOf("attn_logit_softcapping", [null, undefined]);
    config.oneOf("final_logit_softcapping", [null, undefined]);
    config.oneOf("use_bidirectional_attention", [false, undefined]);
    const pattern = config.size(
      "sliding_window_pattern",
      config.values._sliding_window_pattern ?? 6,
    );
    const sliding = slidingLayers(config, layers) ??
      Array.from({ length: layers }, (_, i) => (i + 1) % pattern !== 0);
    const near = readRotary(config, attention.size, {
      kind: "sliding_attention",
      theta: "rope_local_base_freq",
      scaled: false,
    });
    const far = readRotary(config, attention.size, { kind: "full_attention", defaultTheta: 1e6 });
    const scale = 1 / Math.sqrt(config.positive("query_pre_attn_scalar", 256));
    const biased = config.flag("attention_bias", false);
    return {
      ...shared,
      blocks: sliding.map((slides) => ({
        ...attention,
        scale,
        rotary: slides ? near : far,
        window: slides ? config.size("sliding_window", 4096) : undefined,
      })),
      activation: config.oneOf("hidden_activation", ["gelu_pytorch_tanh", undefined]) ??
        "gelu_pytorch_tanh",
      biases: { queryKeyValue: biased, output: biased },
      headNorms: true,
      normsAround: true,
      normOffset: 1,
      embeddingScale: Math.fround(Math.sqrt(shared.width)),
    };
  },
});
