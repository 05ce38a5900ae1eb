import { interruptible } from "../notebook/interruption.ts";
import { checkArgument } from "../options/settle.ts";
import { tokenIdsKind } from "../options/token_ids_kind.ts";
import { Progress } from "../progress.ts";
import { Random } from "../random.ts";
import type { RaterPart } from "../inference/part.ts";
import { requireRoom } from "../inference/text_room.ts";
import type { RewardModel } from "../methods/reward_model.ts";
import { requireMovedBase } from "../methods/moved_base.ts";
import { requireTrunk } from "../methods/shared_trunk.ts";
import { withoutPart } from "../methods/without_part.ts";
import type { Value } from "../runtime/value.ts";
import { Turns } from "../turns.ts";
import { DecodingApart } from "./apart.ts";
import type { BaseModel } from "../bases/base_model.ts";
import { baseModelKind } from "../bases/base_model_kind.ts";
import { drawShapeOf } from "./draw.ts";
import { Drawer } from "./drawer.ts";
import {
  type GenerateOptions,
  generateOptions,
  type SettledGenerateOptions,
  settledGeneration,
  type StepTrace,
} from "./generate_options.ts";
import { Guider } from "./guider.ts";
import { type ClassFilter, guidanceFeeds, type GuidanceShape, type Steering } from "./guidance.ts";
import type { GuidedSession } from "./guided_session.ts";
import { guidedSessionsOf } from "./guided_sessions.ts";
import { drawnLogProbabilities, type LogProbabilities } from "./log_probabilities.ts";
import type { Decoding, ReadPrompt, Step } from "./step.ts";
import { DecodingTogether, usualStepsPerRun } from "./together.ts";
import { requireNumbers } from "./wrong_numbers.ts";

/** A reward model, and how each of its labels that matter steers. */
export interface Guide {
  readonly model: RewardModel;
  readonly steering: readonly Steering[];
  /** GeDi's filter, for models of log-probabilities with one label. Default: none. */
  readonly filter?: ClassFilter;
}

/** What was generated for all prompts, and what it cost. */
export interface Generation {
  /** Token ids of every continuation, `[prompt][sample][token]`, without the token that ended it. */
  readonly continuations: number[][][];
  /**
   * Of every token that was drawn, `[prompt][sample][token]`, the one that ended a text included: its sum is the log-probability of
   * the whole text. There if it was asked for.
   */
  readonly logProbabilities?: LogProbabilities<number[][][]>;
  /** Whether all texts were written; those that were not, when a signal or a notebook's Stop came, are absent. */
  readonly finished: boolean;
  /** Tokens generated, those that ended a text included. */
  readonly tokens: number;
  /**
   * Backbone calls of each guide's model for one step of one text, 1 for ARM, k for RAD, and behind them those of a formula's
   * models. They are counted where each model has graphs of its own; in one graph, every rated row takes as many as the
   * model's part says.
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
 * @throws {TypeError} if an option is unknown or of the wrong type, or a guide's model does not have a label that is
 *   asked for, or cannot do what is asked.
 * @throws {Error} naming model, step and prompts, if what a model says of candidates is no finite number.
 */
export async function generate(
  base: BaseModel,
  prompts: readonly (readonly number[])[],
  options: GenerateOptions = {},
): Promise<Generation> {
  checkArgument("generate", "base", baseModelKind, base);
  checkArgument("generate", "prompts", tokenIdsKind, prompts);
  const settled = settledGeneration("generate", generateOptions, options);
  return await generationOf(stepsOf(base, readPrompts(base, prompts), settled));
}

/** Prompts of a text that goes on: reward models read what the base model reads. */
export function readPrompts(
  base: BaseModel,
  prompts: readonly (readonly number[])[],
): ReadPrompt[] {
  return prompts.map((prompt) => ({ base: base.begin(prompt), rated: prompt }));
}

/** What all steps lead to. */
export async function generationOf(
  steps: AsyncGenerator<StepTrace, Generation, undefined>,
): Promise<Generation> {
  for (;;) {
    const { done, value } = await steps.next();
    if (done) return value;
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
  checkArgument("generateSteps", "base", baseModelKind, base);
  checkArgument("generateSteps", "prompts", tokenIdsKind, prompts);
  const settled = settledGeneration("generateSteps", generateOptions, options);
  return yield* stepsOf(base, readPrompts(base, prompts), settled);
}

/** Whether a text ends after its last token. */
export type EndsAfter = (prompt: number, ids: readonly number[]) => boolean;

/** The random numbers that a sample of a prompt is drawn with. */
export type StreamOf = (prompt: number, sample: number) => Random;

/**
 * `generateSteps` with options that were checked.
 *
 * @param endsAfter is asked after every token but those that end a text by themselves.
 * @param streamOf gives every sample a stream of its own. Default: named by seed, prompt and sample.
 */
export async function* stepsOf(
  base: BaseModel,
  prompts: readonly ReadPrompt[],
  options: SettledGenerateOptions,
  endsAfter: EndsAfter = () => false,
  streamOf: StreamOf = (prompt, sample) =>
    new Random(options.seed, "noise", options.firstPrompt + prompt, sample),
): AsyncGenerator<StepTrace, Generation, undefined> {
  using work = interruptible(options.signal);
  const settings: Settings = {
    ends: base.ends,
    ...options,
    signal: work.signal,
    endsAfter,
    streamOf,
  };
  check(base, prompts, settings);
  for (const { model } of settings.guides) {
    await requireTrunk(model, base.graph?.trunkAt);
    await requireMovedBase(model, base.graph?.trunkAt);
  }
  const { samples, batchSize, label, signal } = settings;
  const continuations: number[][][] = prompts.map(() => []);
  const steered: number[][][] = prompts.map(() => []);
  const unsteered: number[][][] = prompts.map(() => []);
  const calls = ratersOf(settings).map(() => 0);
  const turns = new Turns();
  let tokens = 0;
  let rated = 0;

  await using engine = await Engine.open(base, settings, prompts.length);
  const perBatch = Math.max(1, Math.floor(batchSize / samples));
  const order = prompts.map((_, i) => i).sort((a, b) =>
    prompts[a].base.length - prompts[b].base.length
  );
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
    for (const { prompt, ids, logProbabilities } of rows) {
      continuations[prompt].push(ids.slice());
      steered[prompt].push(logProbabilities.steered.slice());
      unsteered[prompt].push(logProbabilities.unsteered.slice());
    }
    for (const prompt of batch) settings.onPrompt?.(prompt, continuations[prompt]);
    rated += decoding.rated;
    decoding.backboneCalls.forEach((count, guide) => calls[guide] += count);
    bar?.update(Math.min(i + perBatch, order.length) * samples);
  }
  bar?.done();
  return {
    continuations,
    ...(settings.logProbabilities ? { logProbabilities: { steered, unsteered } } : {}),
    finished: continuations.every(({ length }) => length === samples),
    tokens,
    backboneCalls: calls.map((count) => count / Math.max(1, rated)),
  };
}

/** What rates candidates: the models of the guides, and behind them those of the formula. */
function ratersOf(
  { guides, formula }: Pick<SettledGenerateOptions, "guides" | "formula">,
): RewardModel[] {
  return [...guides.map(({ model }) => model), ...formula?.models ?? []];
}

interface Settings extends SettledGenerateOptions {
  readonly ends: readonly number[];
  readonly endsAfter: EndsAfter;
  readonly streamOf: StreamOf;
}

interface Row {
  readonly prompt: number;
  readonly sample: number;
  readonly random: Random;
  /** What was generated so far. */
  readonly ids: number[];
  /** Of what was drawn so far, where they are kept. */
  readonly logProbabilities: LogProbabilities<number[]>;
}

/** The rows of a batch, prompt after prompt, each with its own stream of random numbers. */
function rowsOfBatch(
  batch: readonly number[],
  { samples, streamOf }: Settings,
): Row[] {
  return batch.flatMap((prompt) =>
    Array.from({ length: samples }, (_, sample) => ({
      prompt,
      sample,
      random: streamOf(prompt, sample),
      ids: [],
      logProbabilities: { steered: [], unsteered: [] },
    }))
  );
}

/** Continues a batch to its last text's end. @returns the number of tokens generated; nothing if it was stopped before. */
async function* continued(
  decoding: Decoding,
  all: readonly Row[],
  stepsPerRun: number,
  turns: Turns,
  settings: Settings,
): AsyncGenerator<StepTrace, number | undefined, undefined> {
  const { maxNewTokens, ends, endsAfter, signal, onStep } = settings;
  if (signal?.aborted) return undefined;
  let rows = all;
  let tokens = 0;
  let steps = [await decoding.first()];
  for (let done = 0;;) {
    let alive = rows.map((_, row) => row);
    for (const step of steps) {
      const seen = alive.length < rows.length ? step.ofRows(alive) : step;
      const going = alive.map((row) => rows[row]);
      requireNumbers(seen, {
        step: done + 1,
        models: ratersOf(settings),
        guides: settings.guides.length,
        promptOf: (row) => settings.firstPrompt + going[row].prompt + 1,
      });
      const trace = Object.assign(seen, { rows: going });
      if (settings.logProbabilities) keepLogProbabilities(trace, going, settings);
      onStep?.(trace);
      yield trace;
      tokens += going.length;
      done++;
      const goesOn = going.map(({ prompt, ids }, i) => {
        if (ends.includes(seen.tokens[i])) return false;
        ids.push(seen.tokens[i]);
        return !endsAfter(prompt, ids);
      });
      alive = alive.filter((_, i) => goesOn[i]);
      if (done === maxNewTokens || alive.length === 0) return tokens;
      if (signal?.aborted) return undefined;
    }
    rows = alive.map((row) => rows[row]);
    await turns.take();
    steps = await decoding.next(alive, Math.min(stepsPerRun, maxNewTokens - done));
  }
}

function keepLogProbabilities(step: Step, rows: readonly Row[], settings: Settings): void {
  const { steered, unsteered } = drawnLogProbabilities(step, settings);
  rows.forEach(({ logProbabilities }, row) => {
    logProbabilities.steered.push(steered[row]);
    logProbabilities.unsteered.push(unsteered[row]);
  });
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
    const { guides, formula, topK, rated, samples, batchSize, baseTopP, together } = settings;
    const shape: GuidanceShape = {
      guides: guides.map(({ model: { rule, labels }, filter }) => ({
        rule,
        labels: labels.length,
        filters: filter !== undefined,
      })),
      wholeVocabulary: rated === "vocabulary",
      baseNucleus: baseTopP !== undefined,
      ...(formula && {
        formula: {
          of: formula.formula,
          models: formula.models.length,
          normalizes: formula.needsAllTokens,
        },
      }),
    };
    const feeds = guidanceFeeds(
      guides.map(({ model, ...guide }) => ({ ...guide, labels: model.labels })),
      baseTopP,
    );
    const models = ratersOf(settings);
    const raters = models.flatMap(({ part }): RaterPart[] => part ? [part] : []);
    await using opened = new AsyncDisposableStack();
    const drawer = opened.use(await Drawer.open(settings));
    const canJoin = together && base.graph && raters.length === models.length;
    if (!canJoin) {
      const guider = opened.use(await Guider.open(shape, feeds, topK));
      return new Engine(base, settings, drawer, feeds, { guider }, 1, opened.move());
    }
    const rows = Math.min(Math.max(batchSize, samples), Math.max(1, prompts) * samples);
    const perRun = settings.stepsPerRun ??
      usualStepsPerRun([base.graph!.part, ...raters], rows, topK);
    const loops = perRun > 1;
    const lease = await guidedSessionsOf(base.graph!).lease({
      ...shape,
      raters,
      cuts: drawShapeOf(settings),
      penalizes: settings.repetitionPenalty !== undefined,
      loops,
    });
    opened.use(lease);
    return new Engine(base, settings, drawer, feeds, lease, perRun, opened.move());
  }

  /** Begins a batch; `rows` are its samples, prompt after prompt. */
  async start(prompts: readonly ReadPrompt[], rows: readonly Row[]): Promise<Decoding> {
    const { topK: k, rated } = this.#settings;
    const settings = { ...this.#settings, k };
    const streams = rows.map(({ random }) => random);
    const by = this.#with;
    if ("session" in by) {
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
      ratersOf(this.#settings),
      by.guider,
      this.#drawer,
      prompts,
      streams,
      { ...settings, rated },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned.disposeAsync();
  }
}

function check(
  base: BaseModel,
  prompts: readonly ReadPrompt[],
  { guides, formula, topK, rated, maxNewTokens, repetitionPenalty, logProbabilities }: Settings,
): void {
  const refusal = repetitionPenalty === undefined ? undefined : base.refusals?.repetitionPenalty;
  if (refusal !== undefined) throw new TypeError(refusal);
  const someOnly = rated === "vocabulary" ? base.refusals?.allTokens : undefined;
  if (someOnly !== undefined) throw new TypeError(someOnly);
  if (formula?.needsAllTokens && rated !== "vocabulary") {
    throw new TypeError(
      "A formula with 'union', 'intersection' or 'likely' compares probabilities, for which all tokens have to be rated: set " +
        "'rated' to 'vocabulary'",
    );
  }
  if (logProbabilities && rated === "vocabulary") {
    throw new TypeError(
      "Log-probabilities are those among the base model's top k, but the whole vocabulary is rated: leave 'rated' or " +
        "'logProbabilities' out",
    );
  }
  if (topK > base.vocabulary) {
    throw new RangeError(
      `Cannot take the top ${topK} of ${base.vocabulary} tokens: choose a smaller topK`,
    );
  }
  // what it reads before a prompt of its own accord is not counted in what it can continue
  const before = base.begin([0]).length - 1;
  // one that stands on the base model's trunk reads no more than that
  const longestRated = Math.min(
    ...ratersOf({ guides, formula }).filter(({ trunk }) => !trunk).map(({ longestText }) =>
      longestText
    ),
  );
  prompts.forEach(({ base: read, rated }, i) => {
    const [length, longest] = [
      [read.length - before, base.longestText],
      [rated.length, longestRated],
    ].reduce((a, b) => a[1] - a[0] <= b[1] - b[0] ? a : b);
    requireRoom(`Prompt ${i + 1}`, length, longest - maxNewTokens, {
      beside: `with ${maxNewTokens} new ones`,
      advice: "shorten it, or ask for fewer new tokens",
    });
    const wrong = read.find((id) => !Number.isInteger(id) || id < 0 || id >= base.vocabulary);
    if (wrong !== undefined) {
      throw new RangeError(
        `Prompt ${
          i + 1
        } holds token ${wrong}, but the model's vocabulary has ${base.vocabulary} tokens: use its own tokenizer`,
      );
    }
  });
  for (const { vocabulary } of formula?.models ?? []) {
    if (vocabulary === base.vocabulary) continue;
    throw new RangeError(
      `The base model has ${base.vocabulary} tokens and a model of the formula ${vocabulary}: they must share a tokenizer`,
    );
  }
  for (const { model, steering, filter } of guides) {
    if (rated === "vocabulary" && !model.part && !model.movesBase) {
      throw new TypeError(
        `A model of kind ${model.kind} ${
          withoutPart(model)
        }, so it cannot rate the whole vocabulary: rate the top k`,
      );
    }
    if (model.movesBase && !base.graph) {
      throw new TypeError(
        `A model of kind ${model.kind} moves the base model's own keys and values, which are not to be had of a server or ` +
          "of transformers.js: let the base be the model folder that it was trained from",
      );
    }
    if (filter && (model.rule !== "logProbability" || model.labels.length !== 1)) {
      throw new TypeError(
        `A model of kind ${model.kind} gives no log-probability of one label to filter by: ` +
          `leave the filter out`,
      );
    }
    if (!model.byText && model.vocabulary !== base.vocabulary) {
      throw new RangeError(
        `The base model has ${base.vocabulary} tokens and the reward model ${model.vocabulary}: they must share a ` +
          "tokenizer, or else the reward model be opened with `baseTokenizer`, to read candidates as text",
      );
    }
    for (const { label } of steering) {
      if (!model.labels.includes(label)) {
        throw new TypeError(
          `The reward model has no label '${label}': it has ${model.labels.join(", ")}`,
        );
      }
    }
  }
}
