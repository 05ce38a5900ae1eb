import { generate } from "../../lib/decode/generate.ts";
import { randomLabel, RandomModels } from "../../lib/experiments/random_models.ts";
import { parseBackbone } from "../../lib/models/architectures.ts";
import type { Backbone } from "../../lib/models/backbone.ts";
import { type Device, openDevice } from "../../lib/runtime/device.ts";
import { gpt2 } from "../peers/shapes.ts";
import { openTrainingStep } from "../training_step.ts";
import { type Finding, rounded } from "./row.ts";

const steps = 10;
const newTokens = 20;
const samples = 4;

/** One model of each kind: learned positions and layer norms, or rotary positions, grouped heads and gated layers. */
const models: Readonly<Record<string, Backbone>> = {
  "GPT-2": parseBackbone(gpt2(64, 2, 2, 512), "the shape"),
  "Llama": parseBackbone({
    model_type: "llama",
    vocab_size: 512,
    hidden_size: 64,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    intermediate_size: 128,
    max_position_embeddings: 128,
    rms_norm_eps: 1e-5,
    rope_theta: 10_000,
    tie_word_embeddings: true,
    hidden_act: "silu",
    bos_token_id: 0,
    eos_token_id: 0,
  }, "the shape"),
};

/** Whether a device computes what the CPU does: losses of training, and tokens that a steered model draws. */
export async function* exactness(device: Device): AsyncGenerator<Finding> {
  const cpu = await openDevice("cpu");
  for (const [name, backbone] of Object.entries(models)) {
    const [exact, here] = [await losses(backbone, cpu), await losses(backbone, device)];
    yield {
      quantity: `exactness: losses of ${steps} steps, ${name}`,
      value: rounded(Math.max(...exact.map((loss, i) => Math.abs(here[i] - loss) / loss))),
      unit: "relative",
    };
    const [expected, drawn] = [await tokens(backbone, cpu), await tokens(backbone, device)];
    const differ = expected.filter((id, i) => id !== drawn[i]).length;
    yield {
      quantity: `exactness: steered tokens that differ, ${name}`,
      value: differ + Math.abs(drawn.length - expected.length),
      unit: `of ${expected.length}`,
    };
  }
}

async function losses(backbone: Backbone, device: Device): Promise<number[]> {
  await using training = await openTrainingStep("ARM", { backbone, rows: 4, time: 16 }, device);
  const found: number[] = [];
  for (let step = 0; step < steps; step++) found.push((await training.step()).loss);
  return found;
}

async function tokens(backbone: Backbone, device: Device): Promise<number[]> {
  await using written = await RandomModels.write({ base: backbone, reward: backbone }, ["arm"]);
  await using base = await written.openBase(device);
  await using model = await written.openReward("arm", device);
  const { continuations } = await generate(base, [[1, 2, 3]], {
    guides: [{ model, steering: [{ label: randomLabel, beta: 5 }] }],
    topK: 20,
    samples,
    maxNewTokens: newTokens,
    ends: [],
    seed: 1,
  });
  return continuations.flat(2);
}
