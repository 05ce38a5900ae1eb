import { interruptible } from "../notebook/interruption.ts";
import { Progress } from "../progress.ts";
import { Random } from "../random.ts";
import type { RaterPart } from "../inference/part.ts";
import type { RewardModel } from "../reward/reward_model.ts";
import type { Value } from "../runtime/value.ts";
import { Turns } from "../turns.ts";
import { DecodingApart } from "./apart.ts";
import type { BaseModel } from "./base_model.ts";
import { Drawer } from "./drawer.ts";
import { Guider } from "./guider.ts";
import { type ClassFilter, guidanceFeeds, type GuidanceShape, type Steering } from "./guidance.ts";
import type { GuidedSession } from "./guided_session.ts";
import type { Decoding, Step } from "./step.ts";
import { DecodingTogether, usualStepsPerRun } from "./together.ts";

/** A reward model, and how each of its labels that matter steers. */
export interface Guide {
  readonly model: RewardModel;
  readonly steering: readonly Steering[];
  /** GeDi's filter, for models of log-probabilities with one label. Default: none. */
  readonly filter?: ClassFilter;
}

export interface GenerateOptions {
  /** What steers; several reward models and labels add up. Default: nothing. */
  guides?: readonly Guide[];
  /** Tokens that a step chooses from. Default 20. */
  k?: number;
  /**
   * Which tokens are rated: the base model's top k, as in the paper, or the whole vocabulary, of which the top k are
   * taken when guided. Default "top-k".
   */
  rated?: "top-k" | "vocabulary";
  /** Cut the base model's logits to the nucleus of this probability before they are guided (DExperts). Default: no cut. */
  baseTopP?: number;
  /** Draw from the nucleus of this probability of the guided softmax. Default: from all k. */
  topP?: number;
  /** Continuations of each prompt. Default 25. */
  samples?: number;
  /** Longest continuation, in tokens. Default 20. */
  maxTokens?: number;
  /** Tokens that end a continuation. Default: the base model's end of text. */
  ends?: readonly number[];
  /** 1 samples from the softmax, less is bolder, 0 takes the likeliest candidate. Default 1. */
  temperature?: number;
  /** Default 0. */
  seed?: number;
  /** The number of the first prompt, so that a long list continued in parts gives what it gives as a whole. Default 0. */
  firstPrompt?: number;
  /** Rows that are computed together. Default 100. */
  batchRows?: number;
  /**
   * Whether base model and reward models become one graph, where all of them are ours; otherwise each has its own
   * graphs. The tokens are the same. Default true.
   */
  together?: boolean;
  /**
   * Most steps that one graph takes in one run, where all models are one graph in memory; else a run is one step.
   * Default: by the models' sizes, several where these are small.
   */
  stepsPerRun?: number;
  /** Called with every step's numbers; what it is given is valid during the call only. */
  onStep?: (step: StepTrace) => void;
  /** What the progress bar calls the work. Default "Generating". */
  label?: string;
  /** Whether a progress bar is shown. Default true. */
  progress?: boolean;
  /** Stops before the next step, as Stop does in a notebook; prompts whose batch was not finished have no continuations. */
  signal?: AbortSignal;
}

/** One step of one batch: `rows` say which prompt and sample each row is. */
export interface StepTrace extends Step {
  readonly rows: readonly { readonly prompt: number; readonly sample: number }[];
}

/** What was generated for all prompts, and what it cost. */
export interface Generation {
  /** Token ids of every continuation, `[prompt][sample][token]`, without the token that ended it. */
  readonly continuations: number[][][];
  /** Whether all texts were written; those that were not, when a signal or a notebook's Stop came, are absent. */
  readonly finished: boolean;
  /** Tokens generated, those that ended a text included. */
  readonly tokens: number;
  /**
   * Backbone calls of each guide's model for one step of one text: 1 for ARM, k for RAD. They are counted where each
   * model has graphs of its own; in one graph, every rated row takes as many as the model's part says.
   */
  readonly backboneCalls: readonly number[];
}

/**
 * Continues prompts with a base model, steered by reward models: equation (1) over the top k of the base's
 * logits at every step.
 *
 * Each continuation draws from its own stream of random numbers, named by seed, prompt and sample, so it is
 * the same in whatever batch it is computed.
 *
 * @param prompts token ids of each prompt.
 * @throws {RangeError} if an option is out of range, a prompt too long, or a model has another vocabulary.
 * @throws {TypeError} if a guide's model does not have a label that is asked for, or cannot do what is asked.
 */
export async function generate(
  base: BaseModel,
  prompts: readonly (readonly number[])[],
  options: GenerateOptions = {},
): Promise<Generation> {
  const { onStep } = options;
  const steps = generateSteps(base, prompts, options);
  for (;;) {
    const { done, value } = await steps.next();
    if (done) return value;
    onStep?.(value);
  }
}

/**
 * As `generate`, step by step: for text that is shown while it is written. Leaving the loop ends the generation.
 * With `stepsPerRun: 1` every step comes as soon as it is computed.
 *
 * @throws what `generate` throws.
 */
export async function* generateSteps(
  base: BaseModel,
  prompts: readonly (readonly number[])[],
  options: GenerateOptions = {},
): AsyncGenerator<StepTrace, Generation, undefined> {
  using work = interruptible(options.signal);
  const settings = settingsOf(base, { ...options, signal: work.signal });
  check(base, prompts, settings);
  const { guides, samples, batchRows, label, signal } = settings;
  const continuations: number[][][] = prompts.map(() => []);
  const calls = guides.map(() => 0);
  const turns = new Turns();
  let tokens = 0;
  let rated = 0;

  await using engine = await Engine.open(base, settings, prompts.length);
  const perBatch = Math.max(1, Math.floor(batchRows / samples));
  const order = prompts.map((_, i) => i).sort((a, b) => prompts[a].length - prompts[b].length);
  const total = prompts.length * samples;
  const bar = settings.progress ? new Progress({ label, total, unit: "texts" }) : undefined;
  for (let i = 0; i < order.length && !signal?.aborted; i += perBatch) {
    const batch = order.slice(i, i + perBatch);
    const rows = rowsOfBatch(batch, settings);
    await turns.take();
    await using decoding = await engine.start(batch.map((i) => prompts[i]), rows);
    const done = yield* continued(decoding, rows, engine.stepsPerRun, turns, settings);
    if (done === undefined) break;
    tokens += done;
    // a copy takes only the memory that it needs
    for (const { prompt, ids } of rows) continuations[prompt].push(ids.slice());
    rated += decoding.rated;
    decoding.backboneCalls.forEach((count, guide) => calls[guide] += count);
    bar?.update(Math.min(i + perBatch, order.length) * samples);
  }
  bar?.done();
  return {
    continuations,
    finished: continuations.every(({ length }) => length === samples),
    tokens,
    backboneCalls: calls.map((count) => count / Math.max(1, rated)),
  };
}

interface Settings
  extends Required<Omit<GenerateOptions, Optional>>, Pick<GenerateOptions, Optional> {}

type Optional = "baseTopP" | "topP" | "stepsPerRun" | "onStep" | "signal";

function settingsOf(base: BaseModel, options: GenerateOptions): Settings {
  const given = Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  );
  return {
    guides: [],
    k: 20,
    rated: "top-k",
    samples: 25,
    maxTokens: 20,
    ends: [base.endOfText],
    temperature: 1,
    seed: 0,
    firstPrompt: 0,
    batchRows: 100,
    together: true,
    label: "Generating",
    progress: true,
    ...given,
  };
}

interface Row {
  readonly prompt: number;
  readonly sample: number;
  readonly random: Random;
  /** What was generated so far. */
  readonly ids: number[];
}

/** The rows of a batch, prompt after prompt, each with its own stream of random numbers. */
function rowsOfBatch(
  batch: readonly number[],
  { samples, seed, firstPrompt }: Settings,
): Row[] {
  return batch.flatMap((prompt) =>
    Array.from({ length: samples }, (_, sample) => ({
      prompt,
      sample,
      random: new Random(seed, "noise", firstPrompt + prompt, sample),
      ids: [],
    }))
  );
}

/** Continues a batch to its last text's end. @returns the number of tokens generated; nothing if it was stopped before. */
async function* continued(
  decoding: Decoding,
  all: readonly Row[],
  stepsPerRun: number,
  turns: Turns,
  { maxTokens, ends, signal }: Settings,
): AsyncGenerator<StepTrace, number | undefined, undefined> {
  if (signal?.aborted) return undefined;
  let rows = all;
  let tokens = 0;
  let steps = [await decoding.first()];
  for (let done = 0;;) {
    let alive = rows.map((_, row) => row);
    for (const step of steps) {
      const seen = alive.length < rows.length ? step.ofRows(alive) : step;
      const going = alive.map((row) => rows[row]);
      yield Object.assign(seen, { rows: going });
      tokens += going.length;
      done++;
      going.forEach(({ ids }, i) => {
        if (!ends.includes(seen.tokens[i])) ids.push(seen.tokens[i]);
      });
      alive = alive.filter((row) => !ends.includes(step.tokens[row]));
      if (done === maxTokens || alive.length === 0) return tokens;
      if (signal?.aborted) return undefined;
    }
    rows = alive.map((row) => rows[row]);
    await turns.take();
    steps = await decoding.next(alive, Math.min(stepsPerRun, maxTokens - done));
  }
}

/** What batches are decoded with: one graph of all models, or a graph of each. */
class Engine implements AsyncDisposable {
  /** Steps that are asked for at once. */
  readonly stepsPerRun: number;
  readonly #base: BaseModel;
  readonly #settings: Settings;
  readonly #drawer: Drawer;
  readonly #feeds: Readonly<Record<string, Value>>;
  /** One or the other. */
  readonly #with: { readonly session: GuidedSession } | { readonly guider: Guider };
  readonly #owned: AsyncDisposableStack;

  private constructor(
    base: BaseModel,
    settings: Settings,
    drawer: Drawer,
    feeds: Readonly<Record<string, Value>>,
    by: { readonly session: GuidedSession } | { readonly guider: Guider },
    stepsPerRun: number,
    owned: AsyncDisposableStack,
  ) {
    this.stepsPerRun = stepsPerRun;
    this.#base = base;
    this.#settings = settings;
    this.#drawer = drawer;
    this.#feeds = feeds;
    this.#with = by;
    this.#owned = owned;
  }

  /** @param prompts how many there are to continue. */
  static async open(base: BaseModel, settings: Settings, prompts: number): Promise<Engine> {
    const { guides, k, rated, samples, batchRows, temperature, baseTopP, topP, together } =
      settings;
    const shape: GuidanceShape = {
      guides: guides.map(({ model: { rule, labels }, filter }) => ({
        rule,
        labels: labels.length,
        filters: filter !== undefined,
      })),
      wholeVocabulary: rated === "vocabulary",
      baseNucleus: baseTopP !== undefined,
    };
    const feeds = guidanceFeeds(
      guides.map(({ model, ...guide }) => ({ ...guide, labels: model.labels })),
      baseTopP,
    );
    const raters = guides.flatMap(({ model: { part } }): RaterPart[] => part ? [part] : []);
    await using opened = new AsyncDisposableStack();
    const drawer = opened.use(await Drawer.open({ temperature, topP }));
    const canJoin = together && base.together && raters.length === guides.length;
    if (!canJoin) {
      const guider = opened.use(await Guider.open(shape, feeds, k));
      return new Engine(base, settings, drawer, feeds, { guider }, 1, opened.move());
    }
    const rows = Math.min(Math.max(batchRows, samples), Math.max(1, prompts) * samples);
    const perRun = settings.stepsPerRun ??
      usualStepsPerRun([base.together!.base, ...raters], rows, k);
    const loops = perRun > 1;
    const lease = await base.together!.lease({ ...shape, raters, topP: topP !== undefined, loops });
    opened.use(lease);
    return new Engine(base, settings, drawer, feeds, lease, perRun, opened.move());
  }

  /** Begins a batch; `rows` are its samples, prompt after prompt. */
  async start(prompts: readonly (readonly number[])[], rows: readonly Row[]): Promise<Decoding> {
    const { guides, k, rated, samples, ends, temperature, topP } = this.#settings;
    const streams = rows.map(({ random }) => random);
    const by = this.#with;
    if ("session" in by) {
      const settings = { k, samples, ends, temperature, topP };
      return new DecodingTogether(
        by.session,
        this.#drawer,
        prompts,
        streams,
        this.#feeds,
        settings,
      );
    }
    return await DecodingApart.open(
      this.#base,
      guides.map(({ model }) => model),
      by.guider,
      this.#drawer,
      prompts,
      streams,
      { k, rated, samples, temperature },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned.disposeAsync();
  }
}

function check(
  base: BaseModel,
  prompts: readonly (readonly number[])[],
  { guides, k, rated, samples, maxTokens, temperature, batchRows, stepsPerRun, ...rest }: Settings,
): void {
  const counts = { k, samples, maxTokens, batchRows, stepsPerRun: stepsPerRun ?? 1 };
  for (const [name, value] of Object.entries(counts)) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(
        `Cannot generate as '${name}' must be a positive integer: it is ${value}`,
      );
    }
  }
  if (!(temperature >= 0 && Number.isFinite(temperature))) {
    throw new RangeError(
      `Cannot generate as 'temperature' must be 0 or more: it is ${temperature}`,
    );
  }
  const end = rest.ends.find((id) => !Number.isInteger(id));
  if (end !== undefined) {
    throw new RangeError(`Cannot generate as 'ends' must be token ids: one is ${end}`);
  }
  for (const name of ["topP", "baseTopP"] as const) {
    const value = rest[name] ?? 1;
    if (!(value > 0 && value <= 1)) {
      throw new RangeError(
        `Cannot generate as '${name}' must be above 0 and at most 1: it is ${value}`,
      );
    }
  }
  if (k > base.vocabulary) {
    throw new RangeError(
      `Cannot take the top ${k} of ${base.vocabulary} tokens: choose a smaller k`,
    );
  }
  const room = Math.min(
    base.longestText,
    ...guides.map(({ model }) => model.longestText),
  ) - maxTokens;
  prompts.forEach((prompt, i) => {
    if (prompt.length > room) {
      throw new RangeError(
        `Prompt ${i + 1} has ${prompt.length} tokens, but with ${maxTokens} new ones only ${
          Math.max(0, room)
        } fit ` +
          `into the context: shorten it, or ask for fewer new tokens`,
      );
    }
    const wrong = prompt.find((id) => !Number.isInteger(id) || id < 0 || id >= base.vocabulary);
    if (wrong !== undefined) {
      throw new RangeError(
        `Prompt ${
          i + 1
        } holds token ${wrong}, but there are ${base.vocabulary}: use the model's tokenizer`,
      );
    }
  });
  for (const { model, steering, filter } of guides) {
    if (rated === "vocabulary" && !model.part) {
      throw new TypeError(
        `A model of kind ${model.kind} reads every candidate, so it cannot rate the whole ` +
          `vocabulary: rate the top k`,
      );
    }
    if (filter && (model.rule !== "logProbability" || model.labels.length !== 1)) {
      throw new TypeError(
        `A model of kind ${model.kind} gives no log-probability of one label to filter by: ` +
          `leave the filter out`,
      );
    }
    for (const [name, value] of Object.entries(filter ?? {})) {
      if (!(value >= 0 && value <= 1)) {
        throw new RangeError(
          `Cannot generate as '${name}' of the filter must be from 0 to 1: it is ${value}`,
        );
      }
    }
    if (model.vocabulary !== base.vocabulary) {
      throw new RangeError(
        `The base model has ${base.vocabulary} tokens and the reward model ${model.vocabulary}: ` +
          `they must share a tokenizer`,
      );
    }
    for (const { label, beta = 0 } of steering) {
      if (!Number.isFinite(Math.fround(beta))) {
        throw new RangeError(
          `Cannot generate as 'beta' of label '${label}' must be finite: it is ${beta}`,
        );
      }
      if (!model.labels.includes(label)) {
        throw new TypeError(
          `The reward model has no label '${label}': it has ${model.labels.join(", ")}`,
        );
      }
    }
  }
}
