import { gather } from "../graph/ops/mod.ts";
import { input } from "../graph/tensor.ts";
import { CachedBackbone, type Reading } from "../inference/cached_backbone.ts";
import { armCandidateRewards } from "../nn/arm_head.ts";
import { armHeadOf, type ModelSpec } from "../nn/model_spec.ts";
import type { Parameters } from "../nn/parameters.ts";
import type { Device } from "../runtime/device.ts";
import type { Value } from "../runtime/value.ts";
import type { RewardModel, RewardReading } from "./reward_model.ts";

/**
 * An autoregressive reward model (section 3.2): reads BOS and the text, one backbone call a token, and rates
 * any number of next tokens from the one hidden state, equation (2).
 */
export async function openArm(
  spec: ModelSpec,
  parameters: Parameters,
  device: Device,
): Promise<RewardModel> {
  const { config, labels } = spec;
  const backbone = await CachedBackbone.open(config, parameters, (hidden) => {
    const wte = parameters("wte.weight", [config.vocabulary, config.width]);
    const candidates = gather(wte, input("candidates", "int64", ["batch", "k"]));
    return { rewards: armCandidateRewards(armHeadOf(spec), parameters, hidden, candidates) };
  }, device);
  return {
    kind: "arm",
    labels,
    vocabulary: config.vocabulary,
    longestText: config.positions,
    start: (prompts) =>
      Promise.resolve(
        new ArmReading(backbone, prompts.map((prompt) => [config.endOfText, ...prompt])),
      ),
    [Symbol.asyncDispose]: () => backbone[Symbol.asyncDispose](),
  };
}

/** The prompts are read when the first candidates are rated, each later token with those that follow it. */
class ArmReading implements RewardReading {
  readonly #backbone: CachedBackbone;
  readonly #prompts: readonly (readonly number[])[];
  #reading?: Reading;
  #tokens: readonly number[] = [];

  constructor(backbone: CachedBackbone, prompts: readonly (readonly number[])[]) {
    this.#backbone = backbone;
    this.#prompts = prompts;
  }

  async rate(candidates: Value): Promise<Value> {
    if (this.#reading) return (await this.#reading.step(this.#tokens, { candidates })).rewards;
    const { reading, outputs } = await this.#backbone.read(this.#prompts, { candidates });
    this.#reading = reading;
    return outputs.rewards;
  }

  get backboneCalls(): number {
    return this.#reading?.calls ?? 0;
  }

  accept(tokens: readonly number[]): Promise<void> {
    this.#tokens = tokens;
    return Promise.resolve();
  }

  async select(rows: readonly number[]): Promise<void> {
    this.#tokens = rows.map((row) => this.#tokens[row]);
    await this.#reading?.select(rows);
  }

  [Symbol.dispose](): void {
    this.#reading?.[Symbol.dispose]();
  }
}
