import type { Random } from "../random.ts";
import type { RewardModel, RewardReading } from "../reward/reward_model.ts";
import type { BaseModel, BaseReading, Candidates } from "./base_model.ts";
import { Noise } from "./draw.ts";
import type { Drawer } from "./drawer.ts";
import type { Guider } from "./guider.ts";
import { type Choices, choicesOfRows, type Decoding, type DrawnStep, stepAt } from "./step.ts";
import type { BatchSettings } from "./together.ts";

/** A batch whose base model is seen through its logits only, each model with graphs of its own. */
export class DecodingApart implements Decoding {
  readonly #guider: Guider;
  readonly #drawer: Drawer;
  /** The prompt of each sample. */
  readonly #repeat: readonly number[];
  readonly #base: BaseReading;
  readonly #readings: readonly RewardReading[];
  readonly #noise: Noise;
  #last?: DrawnStep;
  rated = 0;

  private constructor(
    guider: Guider,
    drawer: Drawer,
    base: BaseReading,
    readings: readonly RewardReading[],
    noise: Noise,
    repeat: readonly number[],
  ) {
    this.#guider = guider;
    this.#drawer = drawer;
    this.#base = base;
    this.#readings = readings;
    this.#noise = noise;
    this.#repeat = repeat;
  }

  /**
   * Reads the prompts.
   *
   * @param streams one of random numbers for each sample of a prompt, prompt after prompt.
   */
  static async open(
    base: BaseModel,
    models: readonly RewardModel[],
    guider: Guider,
    drawer: Drawer,
    prompts: readonly (readonly number[])[],
    streams: readonly Random[],
    { k, rated, samples, temperature }: Pick<BatchSettings, "k" | "samples" | "temperature"> & {
      rated: "top-k" | "vocabulary";
    },
  ): Promise<DecodingApart> {
    using opened = new DisposableStack();
    const reading = opened.use(await base.start(prompts, rated === "top-k" ? k : undefined));
    const readings: RewardReading[] = [];
    for (const model of models) readings.push(opened.use(await model.start(prompts)));
    opened.move();
    const noise = new Noise(streams, k, temperature);
    const repeat = streams.map((_, row) => Math.floor(row / samples));
    return new DecodingApart(guider, drawer, reading, readings, noise, repeat);
  }

  async first(): Promise<DrawnStep> {
    const choices = await this.#choices(this.#base.candidates);
    await this.#select(this.#repeat);
    return await this.#draw(choicesOfRows(choices, this.#repeat));
  }

  async next(alive: readonly number[]): Promise<DrawnStep[]> {
    const { tokens, places } = this.#last!;
    for (const reading of this.#readings) await reading.accept(tokens, places);
    if (alive.length < tokens.length) {
      await this.#select(alive);
      this.#noise.select(alive);
    }
    await this.#base.step(alive.map((row) => tokens[row]));
    return [await this.#draw(await this.#choices(this.#base.candidates))];
  }

  get backboneCalls(): readonly number[] {
    return this.#readings.map(({ backboneCalls }) => backboneCalls);
  }

  async #choices(candidates: Candidates): Promise<Choices> {
    const scores = [];
    for (const reading of this.#readings) scores.push(await reading.rate(candidates.ids));
    this.rated += candidates.logits.dims[0];
    return await this.#guider.guide(candidates, scores);
  }

  async #draw(choices: Choices): Promise<DrawnStep> {
    this.#last = stepAt(choices, await this.#drawer.draw(choices.guided, this.#noise));
    return this.#last;
  }

  async #select(rows: readonly number[]): Promise<void> {
    for (const reading of [this.#base, ...this.#readings]) await reading.select(rows);
  }

  [Symbol.asyncDispose](): Promise<void> {
    for (const reading of [this.#base, ...this.#readings]) reading[Symbol.dispose]();
    return Promise.resolve();
  }
}
