import type { Random } from "../random.ts";
import type { RewardModel, RewardReading } from "../methods/reward_model.ts";
import type { BaseModel, BaseReading, Candidates } from "../bases/base_model.ts";
import { Noise } from "./draw.ts";
import type { Drawer } from "./drawer.ts";
import type { Guider } from "./guider.ts";
import { PenalizedReading } from "./repetition_penalty.ts";
import {
  type BatchSettings,
  candidatesOfRows,
  type Decoding,
  type DrawnStep,
  type GuidedCandidates,
  promptPlaces,
  type ReadPrompt,
  stepAt,
} from "./step.ts";

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
    prompts: readonly ReadPrompt[],
    streams: readonly Random[],
    { k, rated, samples, temperature, repetitionPenalty }: Omit<BatchSettings, "ends"> & {
      rated: "top-k" | "vocabulary";
    },
  ): Promise<DecodingApart> {
    using opened = new DisposableStack();
    const texts = prompts.map(({ base }) => base);
    const asked = rated === "top-k" ? k : undefined;
    const reading = opened.use(
      repetitionPenalty === undefined
        ? await base.start(texts, asked, { begun: true })
        : await PenalizedReading.start(base, texts, asked, repetitionPenalty),
    );
    const readings: RewardReading[] = [];
    const ratedPrompts = prompts.map(({ rated }) => rated);
    for (const model of models) {
      // what stands on the base model's trunk reads what that reads
      const reading = model.trunk
        ? await model.start(texts, { begun: true })
        : await model.start(ratedPrompts);
      readings.push(opened.use(reading));
    }
    opened.move();
    const noise = new Noise(streams, k, temperature);
    const repeat = promptPlaces(streams.length, samples);
    return new DecodingApart(guider, drawer, reading, readings, noise, repeat);
  }

  async first(): Promise<DrawnStep> {
    const guided = await this.#guided(this.#base.candidates);
    await this.#select(this.#repeat);
    return await this.#draw(candidatesOfRows(guided, this.#repeat));
  }

  async next(alive: readonly number[]): Promise<DrawnStep[]> {
    const { tokens, places } = this.#last!;
    for (const reading of this.#readings) await reading.accept(tokens, places);
    if (alive.length < tokens.length) {
      await this.#select(alive);
      this.#noise.select(alive);
    }
    await this.#base.step(alive.map((row) => tokens[row]));
    return [await this.#draw(await this.#guided(this.#base.candidates))];
  }

  get backboneCalls(): readonly number[] {
    return this.#readings.map(({ backboneCalls }) => backboneCalls);
  }

  async #guided(candidates: Candidates): Promise<GuidedCandidates> {
    const scores = [];
    for (const reading of this.#readings) scores.push(await reading.rate(candidates.ids));
    this.rated += candidates.logits.dims[0];
    return await this.#guider.guide(candidates, scores);
  }

  async #draw(guided: GuidedCandidates): Promise<DrawnStep> {
    const noise = this.#noise.take();
    const places = await this.#drawer.draw(guided.guided, noise);
    return this.#last = stepAt({ ...guided, noise }, places);
  }

  async #select(rows: readonly number[]): Promise<void> {
    for (const reading of [this.#base, ...this.#readings]) await reading.select(rows);
  }

  [Symbol.asyncDispose](): Promise<void> {
    for (const reading of [this.#base, ...this.#readings]) reading[Symbol.dispose]();
    return Promise.resolve();
  }
}
