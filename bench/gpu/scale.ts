import type { RewardSystem } from "../../lib/experiments/random_models.ts";
import { type EfficiencyScale, efficiencyScales } from "../../lib/experiments/efficiency_scales.ts";
import { type Config, gpt2, qwenHalf } from "../peers/shapes.ts";

/** A model that is trained, and the batch. */
export interface TrainedShape {
  readonly name: string;
  readonly config: Config;
  readonly rows: number;
  readonly time: number;
}

/** How large everything is. */
export interface BenchScale {
  /** Base and reward model that decode, and the same as PyTorch builds them. */
  readonly decoding: EfficiencyScale;
  readonly base: Config;
  readonly reward: Config;
  readonly batches: readonly number[];
  readonly newTokens: number;
  readonly topK: number;
  readonly rounds: number;
  /** Systems that are measured beside each other, what matters most first. */
  readonly systems: readonly (readonly RewardSystem[])[];
  /** Seconds after which no further step of training begins. */
  readonly trainingSeconds: number;
  /** Layers of the model whose ops are counted: GPT-2-small's, where there is time. */
  readonly countedLayers: number;
  /** The first is the more important. */
  readonly training: readonly TrainedShape[];
  /** Seconds that a rate may take. */
  readonly rateSeconds: number;
  /** A measurement's limit in seconds is its own times this. */
  readonly patience: number;
}

export const benchScales: Readonly<Record<"real" | "small", BenchScale>> = {
  real: {
    decoding: efficiencyScales.paper,
    base: gpt2(1280, 36, 20, 50_257),
    reward: gpt2(768, 12, 12, 50_257),
    batches: [25, 100],
    newTokens: 20,
    topK: 20,
    rounds: 3,
    systems: [["arm"], ["rad-onepass", "rad"]],
    trainingSeconds: 5,
    countedLayers: 12,
    training: [
      { name: "GPT-2-small", config: gpt2(768, 12, 12, 50_257), rows: 100, time: 64 },
      { name: "Qwen2.5-0.5B", config: qwenHalf, rows: 32, time: 64 },
    ],
    rateSeconds: 2,
    patience: 1,
  },
  small: {
    decoding: {
      shapes: efficiencyScales.world.shapes,
      rounds: efficiencyScales.small.rounds,
    },
    base: gpt2(128, 2, 4, 1024),
    reward: gpt2(128, 2, 4, 1024),
    batches: [4],
    newTokens: 4,
    topK: 5,
    rounds: 1,
    systems: [["arm", "rad-onepass", "rad"]],
    trainingSeconds: 0.5,
    countedLayers: 2,
    training: [{ name: "GPT-2, 2 layers of 64", config: gpt2(64, 2, 2, 512), rows: 4, time: 16 }],
    rateSeconds: 0.2,
    patience: 0.5,
  },
};
