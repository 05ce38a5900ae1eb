import { gatedGguf } from "./gated_gguf.ts";
import { gatedDecoder, gatedSizes } from "./gated_decoder.ts";
import { readRotary } from "./rotary.ts";

/**
 * Llama 2 (Touvron et al., 2023), Llama 3 with its scaled rotary positions, and what has their shape: TinyLlama, SmolLM 2. As
 * Hugging Face's `LlamaModel` computes it.
 */
export const llama = gatedDecoder({
  modelTypes: ["llama"],
  title: "Llama",
  models: "Llama 2, 3, 3.1 and 3.2, TinyLlama, SmolLM 1 and 2",
  classes: { languageModel: "LlamaForCausalLM", backbone: "LlamaModel" },
  gguf: gatedGguf({ name: "llama", pairsNeighbours: true }),
  parse(config) {
    const { layers, attention, shared } = gatedSizes(config, { tied: false });
    config.oneOf("pretraining_tp", [1, undefined]);
    const rotary = readRotary(config, attention.size);
    const biased = config.flag("attention_bias", false);
    return {
      ...shared,
      blocks: Array.from({ length: layers }, () => ({ ...attention, rotary })),
      activation: config.oneOf("hidden_act", ["silu", undefined]) ?? "silu",
      biases: { queryKeyValue: biased, output: biased, mlp: config.flag("mlp_bias", false) },
    };
  },
});
