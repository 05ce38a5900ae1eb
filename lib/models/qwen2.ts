import type { ConfigJson } from "./config_json.ts";
import { gatedGguf } from "./gated_gguf.ts";
import { gatedDecoder, gatedSizes, slidingLayers } from "./gated_decoder.ts";
import { readRotary } from "./rotary.ts";

/** Qwen 2 and 2.5 (Yang et al., 2024), as Hugging Face's `Qwen2Model` computes it. */
export const qwen2 = gatedDecoder({
  modelTypes: ["qwen2"],
  title: "Qwen 2",
  models: "Qwen 2 and 2.5",
  classes: { languageModel: "Qwen2ForCausalLM", backbone: "Qwen2Model" },
  gguf: gatedGguf({ name: "qwen2" }),
  parse(config) {
    const { layers, attention, shared } = gatedSizes(config, { tied: false });
    const rotary = readRotary(config, attention.size);
    const windows = qwenWindows(config, layers);
    return {
      ...shared,
      blocks: windows.map((window) => ({ ...attention, rotary, window })),
      activation: config.oneOf("hidden_act", ["silu", undefined]) ?? "silu",
      biases: { queryKeyValue: true },
    };
  },
});

/** The window of every block: with `use_sliding_window`, those from `max_window_layers` on have one. */
export function qwenWindows(config: ConfigJson, layers: number): (number | undefined)[] {
  const isUsed = config.flag("use_sliding_window", false);
  const from = isUsed ? config.size("max_window_layers", layers) : layers;
  const sliding = slidingLayers(config, layers) ??
    Array.from({ length: layers }, (_, i) => i >= from);
  return sliding.map((slides) => isUsed && slides ? config.size("sliding_window") : undefined);
}
