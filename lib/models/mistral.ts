import { gatedDecoder, gatedSizes } from "./gated_decoder.ts";
import { readRotary } from "./rotary.ts";

/** Mistral (Jiang et al., 2023): Llama with a window, as Hugging Face's `MistralModel` computes it. */
export const mistral = gatedDecoder({
  modelTypes: ["mistral"],
  title: "Mistral",
  models: "Mistral 7B",
  classes: { languageModel: "MistralForCausalLM", backbone: "MistralModel" },
  parse(config) {
    const { layers, attention, shared } = gatedSizes(config, { tied: false });
    const rotary = readRotary(config, attention.size);
    const isWindowed = (config.values.sliding_window ?? null) !== null;
    const window = isWindowed ? config.size("sliding_window") : undefined;
    return {
      ...shared,
      blocks: Array.from({ length: layers }, () => ({ ...attention, rotary, window })),
      activation: config.oneOf("hidden_act", ["silu", undefined]) ?? "silu",
    };
  },
});
