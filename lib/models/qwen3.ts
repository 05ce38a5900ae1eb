import { gatedGguf } from "./gated_gguf.ts";
import { gatedDecoder, gatedSizes } from "./gated_decoder.ts";
import { qwenWindows } from "./qwen2.ts";
import { readRotary } from "./rotary.ts";

/** Qwen 3 (Yang et al., 2025): norms of every query and key head, as Hugging Face's `Qwen3Model` computes it. */
export const qwen3 = gatedDecoder({
  modelTypes: ["qwen3"],
  title: "Qwen 3",
  models: "Qwen 3, the dense ones",
  classes: { languageModel: "Qwen3ForCausalLM", backbone: "Qwen3Model" },
  gguf: gatedGguf({ name: "qwen3" }),
  parse(config) {
    const { layers, attention, shared } = gatedSizes(config, { tied: false });
    const rotary = readRotary(config, attention.size);
    const biased = config.flag("attention_bias", false);
    return {
      ...shared,
      blocks: qwenWindows(config, layers).map((window) => ({ ...attention, rotary, window })),
      activation: config.oneOf("hidden_act", ["silu", undefined]) ?? "silu",
      biases: { queryKeyValue: biased, output: biased },
      headNorms: true,
    };
  },
});
