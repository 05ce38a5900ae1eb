import { gatedGguf } from "./gated_gguf.ts";
import { gatedDecoder, gatedSizes } from "./gated_decoder.ts";
import { qwenWindows } from "./qwen2.ts";
import { readRotary } from "./rotary.ts";

/** SmolLM 3 (Bakouch et al., 2025): no positions in every fourth block, as Hugging Face's `SmolLM3Model` computes it. */
export const smollm3 = gatedDecoder({
  modelTypes: ["smollm3"],
  title: "SmolLM 3",
  models: "SmolLM 3",
  classes: { languageModel: "SmolLM3ForCausalLM", backbone: "SmolLM3Model" },
  gguf: gatedGguf({ name: "smollm3", pairsNeighbours: true }),
  parse(config) {
    const { layers, attention, shared } = gatedSizes(config, { tied: true });
    const rotary = readRotary(config, attention.size, { defaultTheta: 2e6 });
    const biased = config.flag("attention_bias", false);
    const interval = config.size("no_rope_layer_interval", 4);
    const turned = config.list("no_rope_layers", layers) ??
      Array.from({ length: layers }, (_, i) => (i + 1) % interval !== 0);
    return {
      ...shared,
      blocks: qwenWindows(config, layers).map((window, i) => ({
        ...attention,
        window,
        // despite its name, the list says which blocks have positions
        rotary: turned[i] ? rotary : undefined,
      })),
      activation: config.oneOf("hidden_act", ["silu", undefined]) ?? "silu",
      biases: { queryKeyValue: biased, output: biased, mlp: config.flag("mlp_bias", false) },
    };
  },
});
