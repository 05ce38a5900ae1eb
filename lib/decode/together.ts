import { PartState, pastInputsOn } from "../inference/part_state.ts";
import type { Part, RaterPart } from "../inference/part.ts";
import type { Random } from "../random.ts";
import { integers, type Value, valueOf } from "../runtime/value.ts";
import type { Drawer } from "./drawer.ts";
import { drawFeeds, Noise, noNoise } from "./draw.ts";
import { choiceNames, type GuidedSession, partNamesOf } from "./guided_session.ts";
import { penaltyFeeds, seenValue } from "./repetition_penalty.ts";
import {
  type BatchSettings,
  candidatesOfRows,
  type Decoding,
  DrawnStep,
  type GuidedCandidates,
  promptPlaces,
  type ReadPrompt,
  stepAt,
} from "./step.ts";

/** A batch whose base model and reward models are one graph. */
export class DecodingTogether implements Decoding {
  readonly #session: GuidedSession;
  readonly #drawer: Drawer;
  readonly #settings: BatchSettings;
  readonly #feeds: Readonly<Record<string, Value>>;
  readonly #states: readonly PartState[];
  readonly #raters: readonly RaterPart[];
  readonly #noise: Noise;
  /** Samples of all prompts. */
  readonly #rows: number;
  /** The tokens that the base model has read, of each row. */
  #seen: readonly (readonly number[])[];
  #tokens: readonly number[] = [];
  rated = 0;

  /**
   * @param feeds those of `guidanceFeeds`.
   * @param streams one of random numbers for each sample of a prompt, prompt after prompt.
   */
  constructor(
    session: GuidedSession,
    drawer: Drawer,
    prompts: readonly ReadPrompt[],
    streams: readonly Random[],
    feeds: Readonly<Record<string, Value>>,
    settings: BatchSettings,
  ) {
    const { shape, pool, mover, session: { device } } = session;
    const past = pastInputsOn(device, { inLoop: shape.loops });
    const names = partNamesOf(shape);
    this.#session = session;
    this.#drawer = drawer;
    this.#settings = settings;
    this.#rows = streams.length;
    this.#noise = new Noise(streams, settings.k, settings.temperature);
    this.#raters = shape.raters;
    const read = [
      prompts.map(({ base }) => base),
      ...shape.raters.map((rater) =>
        prompts.map(({ base, rated }) => rater.trunk === undefined ? rater.begin(rated) : base)
      ),
    ];
    this.#states = [shape.base, ...shape.raters].map((part, i) =>
      new PartState(part, names[i], read[i], past, pool, mover)
    );
    this.#seen = read[0];
    this.#feeds = {
      ...feeds,
      ...drawFeeds(settings),
      ...(shape.penalizes ? penaltyFeeds(settings.repetitionPenalty!) : {}),
      k: integers([1], [settings.k]),
      ...(shape.loops ? { ends: integers([settings.ends.length], settings.ends) } : {}),
    };
  }

  async first(): Promise<DrawnStep> {
    const { k, samples } = this.#settings;
    // what the graph draws here is not used: the prompts are repeated for their samples first
    const outputs = await this.#run(noNoise(this.#rows / samples, k), 1);
    const repeat = promptPlaces(this.#rows, samples);
    for (const state of this.#states) await state.select(repeat);
    this.#seen = repeat.map((place) => this.#seen[place]);
    const guided = candidatesOfRows(this.#guidedIn(outputs, 0), repeat);
    const noise = this.#noise.take();
    const step = stepAt({ ...guided, noise }, await this.#drawer.draw(guided.guided, noise));
    this.#tokens = step.tokens;
    return step;
  }

  async next(alive: readonly number[], turns: number): Promise<DrawnStep[]> {
    if (alive.length < this.#tokens.length) {
      for (const state of this.#states) await state.select(alive);
      this.#noise.select(alive);
      this.#seen = alive.map((row) => this.#seen[row]);
      this.#tokens = alive.map((row) => this.#tokens[row]);
    }
    for (const state of this.#states) state.reads(this.#tokens);
    this.#read([this.#tokens]);
    const most = this.#session.shape.loops ? turns : 1;
    const noise = this.#noise.next(most);
    const outputs = await this.#run(noise, most);
    const { dims: [done, rows], data } = outputs[choiceNames.places];
    this.#noise.use(done);
    const places = Array.from(data as BigInt64Array, Number);
    const candidates = outputs[choiceNames.candidates].data as BigInt64Array;
    const tokens = places.map((place, at) => Number(candidates[at * this.#settings.k + place]));
    const steps = Array.from({ length: done }, (_, turn) => {
      const ofTurn = (all: readonly number[]) => all.slice(turn * rows, (turn + 1) * rows);
      return new DrawnStep(
        () => ({ ...this.#guidedIn(outputs, turn), noise: turnOf(noise, turn) }),
        ofTurn(places),
        ofTurn(tokens),
      );
    });
    this.#tokens = steps.at(-1)!.tokens;
    // what was drawn last is read by the next run
    this.#read(steps.slice(0, -1).map(({ tokens }) => tokens));
    return steps;
  }

  /** Notes tokens that every row reads, one a step, where that matters. */
  #read(steps: readonly (readonly number[])[]): void {
    if (!this.#session.shape.penalizes) return;
    this.#seen = this.#seen.map((seen, row) => [...seen, ...steps.map((tokens) => tokens[row])]);
  }

  get backboneCalls(): readonly number[] {
    return this.#raters.map(({ backboneCalls }) => this.rated * backboneCalls);
  }

  async #run(noise: Value, turns: number): Promise<Record<string, Value>> {
    const feeds: Record<string, Value> = { ...this.#feeds, noise };
    const { inputs } = this.#session.session.program;
    for (const [name, value] of this.#states.flatMap((state) => Object.entries(state.feeds()))) {
      // what stands on the base model's trunk reads less than a model of its own
      if (inputs.has(name)) feeds[name] = value;
    }
    if (this.#session.shape.penalizes) feeds.seen = seenValue(this.#seen);
    if (this.#session.shape.loops) feeds.steps = integers([], [turns]);
    const outputs = await this.#session.session.run(feeds);
    if (!this.#session.shape.loops) {
      const names = [...Object.values(choiceNames)].flatMap((name) =>
        typeof name === "string" ? name : this.#raters.map((_, i) => name(i))
      );
      for (const name of names) outputs[name] = asOneTurn(outputs[name]);
    }
    const [done, rows] = outputs[choiceNames.places].dims;
    this.rated += done * rows;
    for (const state of this.#states) state.take(outputs, done);
    return outputs;
  }

  /** The candidates of a turn of a run. */
  #guidedIn(outputs: Readonly<Record<string, Value>>, turn: number): GuidedCandidates {
    return {
      candidates: turnOf(outputs[choiceNames.candidates], turn),
      logits: turnOf(outputs[choiceNames.logits], turn),
      guided: turnOf(outputs[choiceNames.guided], turn),
      scores: this.#raters.map((_, i) => turnOf(outputs[choiceNames.scores(i)], turn)),
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    for (const state of this.#states) state[Symbol.dispose]();
    return Promise.resolve();
  }
}

/** What two cores compute in a tenth of a second. */
const operationsPerRun = 2e10;

/** How many candidates of all rows and steps a run gives out at most, with several numbers each. */
const choicesPerRun = 2e6;

/**
 * How many steps of `rows` texts with k candidates one run should take. A run of small models is as many as take a tenth of a second,
 * because what is around a step costs as much as the step; one of large models is a single step.
 */
export function usualStepsPerRun(parts: readonly Part[], rows: number, k: number): number {
  // a block has 12 d² weights; few rows cost what many do, because the weights have to be read
  const weights = parts.flatMap(({ caches }) => caches)
    .reduce((sum, { heads, size }) => sum + 12 * (heads * size) ** 2, 0);
  const steps = Math.min(
    Math.floor(operationsPerRun / (2 * weights * Math.max(rows, 32))),
    Math.floor(choicesPerRun / (rows * k)),
  );
  return steps < 4 ? 1 : steps;
}

/** Values of a single turn: `[…]` → `[1, …]`, without a copy. */
function asOneTurn({ type, dims, data }: Value): Value {
  return valueOf(type as "float32", [1, ...dims], data as Float32Array);
}

/** A turn of stacked values: `[turns, …]` → `[…]`, without a copy. */
function turnOf(stacked: Value, turn: number): Value {
  const [, ...shape] = stacked.dims;
  const size = shape.reduce((product, extent) => product * extent, 1);
  const data = stacked.data as Float32Array;
  return valueOf(
    stacked.type as "float32",
    shape,
    data.subarray(turn * size, (turn + 1) * size),
  );
}
