import { parseBackbone } from "../models/architectures.ts";
import { gpt2Backbone } from "../models/gpt2.ts";
import { type ModelShapes, type RewardSystem, rewardSystems } from "./random_models.ts";

/** All further methods that take another time than the base model alone; what a step of theirs takes is measured at one k. */
export const furtherSystems = [
  "rectification",
  "pplm",
  "genarm",
  "farma",
  "args",
  "cd",
  "arithmetic",
  "caif",
  "cooperative",
  "best-of-n",
  "cards",
] as const;
export type FurtherSystem = typeof furtherSystems[number];

/** The base model alone, and the systems that steer it. */
export const efficiencySystems = ["unguided", ...rewardSystems, ...furtherSystems] as const;
export type EfficiencySystem = typeof efficiencySystems[number];

/** Whether a system is of those that are measured at one k. */
export function isFurther(system: EfficiencySystem): system is FurtherSystem {
  return (furtherSystems as readonly string[]).includes(system);
}

/** How many tokens a step rates: the base model's top k, or all. */
export type RatedTokens = number | "vocabulary";

/** What a comparison is of, and how often each of its calls is timed where nothing else is asked for. */
export interface EfficiencyScale {
  readonly shapes: ModelShapes;
  readonly rounds: Readonly<Record<RewardSystem, number>>;
  /** New tokens of the further systems' texts at most. Default: as many as of the others'. */
  readonly furtherTokens?: number;
  /** Further systems that are measured only where they are named, as they take much memory or time. */
  readonly ifNamed?: readonly FurtherSystem[];
}

/** The same shape twice: in these profiles reward models are trained from the base model. */
function alike(sizes: Parameters<typeof gpt2Backbone>[0]): ModelShapes {
  return { base: gpt2Backbone(sizes), reward: gpt2Backbone(sizes) };
}

const gpt2 = { vocabulary: 50_257, context: 1024 };
const small = { vocabulary: 4096, context: 128 };
/** SmolLM2-135M's, as its config.json has it. */
const smollm2 = parseBackbone({
  model_type: "llama",
  vocab_size: 49_152,
  hidden_size: 576,
  num_hidden_layers: 30,
  num_attention_heads: 9,
  num_key_value_heads: 3,
  intermediate_size: 1536,
  max_position_embeddings: 8192,
  rms_norm_eps: 1e-5,
  rope_theta: 100_000,
  tie_word_embeddings: true,
  hidden_act: "silu",
  bos_token_id: 1,
  eos_token_id: 2,
}, "SmolLM2's shape");
const often = { arm: 5, gedi: 5, dexperts: 5, rad: 3, "rad-onepass": 3, fudge: 3 };

/** The scales that can be asked for by name. A new one is one more entry. */
export const efficiencyScales: Readonly<
  Record<"paper" | "small" | "pretrained" | "real" | "world", EfficiencyScale>
> = {
  /** GPT-2-Large steered by GPT-2-small, as in the paper. What has to be exact is timed thrice, the slow ones once. */
  paper: {
    shapes: {
      base: gpt2Backbone({ ...gpt2, width: 1280, layers: 36, heads: 20 }),
      reward: gpt2Backbone({ ...gpt2, width: 768, layers: 12, heads: 12 }),
    },
    rounds: { arm: 3, gedi: 1, dexperts: 1, rad: 1, "rad-onepass": 1, fudge: 1 },
    furtherTokens: 5,
    // its graphs of GPT-2-Large's gradients take 20 GB
    ifNamed: ["pplm"],
  },
  /** The same relation between the two, in less than a minute. */
  small: {
    shapes: {
      base: gpt2Backbone({ ...small, width: 256, layers: 6, heads: 4 }),
      reward: gpt2Backbone({ ...small, width: 128, layers: 4, heads: 4 }),
    },
    rounds: { arm: 5, gedi: 3, dexperts: 3, rad: 1, "rad-onepass": 1, fudge: 1 },
  },
  /** SmolLM2-135M steered by its own backbone. */
  pretrained: {
    shapes: { base: smollm2, reward: smollm2 },
    rounds: { arm: 3, gedi: 2, dexperts: 2, rad: 1, "rad-onepass": 1, fudge: 1 },
  },
  /** The models of `reproduce sentiment --profile real`. */
  real: {
    shapes: alike({ vocabulary: 4096, context: 64, width: 128, layers: 4, heads: 4 }),
    rounds: often,
  },
  /** The models of the small world's demo. */
  world: {
    shapes: alike({ vocabulary: 1024, context: 40, width: 128, layers: 2, heads: 4 }),
    rounds: often,
  },
};
