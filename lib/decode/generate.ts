import { Progress } from "../progress.ts";
import { Random } from "../random.ts";
import type { RewardModel, RewardReading } from "../reward/reward_model.ts";
import type { Value } from "../runtime/value.ts";
import { floats, rowsOf } from "../runtime/value.ts";
import type { BaseModel, BaseReading } from "./base_model.ts";
import type { Steering } from "./guidance.ts";
import { Sampler } from "./sampler.ts";

/** A reward model, and how each of its labels that matter steers. */
export interface Guide {
  readonly model: RewardModel;
  readonly steering: readonly Steering[];
}

export interface GenerateOptions {
  /** What steers; several reward models and labels add up. Default: nothing. */
  guides?: readonly Guide[];
  /** Candidates a step, the likeliest of the base model. Default 20. */
  k?: number;
  /** Continuations of each prompt. Default 25. */
  samples?: number;
  /** Longest continuation, in tokens. Default 20. */
  maxTokens?: number;
  /** 1 samples from the softmax, less is bolder, 0 takes the likeliest candidate. Default 1. */
  temperature?: number;
  /** Default 0. */
  seed?: number;
  /** Rows that are computed together. Default 100. */
  batchRows?: number;
  /** Called with every step's numbers; what it is given is valid during the call only. */
  onStep?: (step: StepTrace) => void;
  /** What the progress bar calls the work. Default "Generating". */
  label?: string;
  /** Stops before the next step; prompts whose batch was not finished have no continuations. */
  signal?: AbortSignal;
}

/** One step of one batch, for inspection: `rows` say which prompt and sample each row is. */
export interface StepTrace {
  readonly rows: readonly { readonly prompt: number; readonly sample: number }[];
  /** int64 `[rows, k]`. */
  readonly candidates: Value;
  /** float32 `[rows, k]`. */
  readonly logits: Value;
  /** float32 `[rows, scores, k]`, where there is steering. */
  readonly rewards?: Value;
  /** float32 `[rows, k]`. */
  readonly guided: Float32Array;
  /** The place of the token taken among the candidates, one a row. */
  readonly places: readonly number[];
}

/** What was generated for all prompts, and what it cost. */
export interface Generation {
  /** Token ids of every continuation, `[prompt][sample][token]`, without the end of text. */
  readonly continuations: number[][][];
  /** Tokens generated, ends of text included. */
  readonly tokens: number;
  /** Backbone calls of each guide's model for one step of one text, as counted: 1 for ARM, k for RAD. */
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
 * @throws {TypeError} if a guide's model does not have a label that is asked for.
 */
export async function generate(
  base: BaseModel,
  prompts: readonly (readonly number[])[],
  options: GenerateOptions = {},
): Promise<Generation> {
  const settings = { ...defaults, ...defined(options) };
  check(base, prompts, settings);
  await using sampler = await Sampler.open(settings.guides.flatMap(({ steering }) => steering));
  const continuations: number[][][] = prompts.map(() => []);
  const calls = settings.guides.map(() => 0);
  let tokens = 0;
  let rated = 0;

  const perBatch = Math.max(1, Math.floor(settings.batchRows / settings.samples));
  const order = prompts.map((_, i) => i).sort((a, b) => prompts[a].length - prompts[b].length);
  const progress = new Progress({
    label: settings.label,
    total: prompts.length * settings.samples,
    unit: "texts",
  });
  for (let i = 0; i < order.length && !settings.signal?.aborted; i += perBatch) {
    const batch = order.slice(i, i + perBatch);
    const done = await continueBatch(base, prompts, batch, settings, sampler);
    if (!done) break;
    batch.forEach((prompt, i) => continuations[prompt] = done.continuations[i]);
    tokens += done.tokens;
    rated += done.rated;
    done.calls.forEach((count, guide) => calls[guide] += count);
    progress.update(Math.min(i + perBatch, order.length) * settings.samples);
  }
  progress.done();
  return { continuations, tokens, backboneCalls: calls.map((count) => count / Math.max(1, rated)) };
}

const defaults = {
  guides: [] as readonly Guide[],
  k: 20,
  samples: 25,
  maxTokens: 20,
  temperature: 1,
  seed: 0,
  batchRows: 100,
  label: "Generating",
  onStep: undefined as GenerateOptions["onStep"],
  signal: undefined as AbortSignal | undefined,
};

type Settings = typeof defaults;

function defined(options: GenerateOptions): GenerateOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

interface Row {
  readonly prompt: number;
  readonly sample: number;
  readonly random: Random;
  /** What was generated so far. */
  readonly ids: number[];
}

/** Continues some prompts together, from reading them to the last text's end; nothing if it was stopped. */
async function continueBatch(
  base: BaseModel,
  prompts: readonly (readonly number[])[],
  batch: readonly number[],
  { guides, k, samples, maxTokens, temperature, seed, onStep, signal }: Settings,
  sampler: Sampler,
): Promise<
  { continuations: number[][][]; tokens: number; rated: number; calls: number[] } | undefined
> {
  const begun = batch.map((i) => prompts[i]);
  const all: Row[][] = batch.map((prompt) =>
    Array.from({ length: samples }, (_, sample) => ({
      prompt,
      sample,
      random: new Random(seed, "noise", prompt, sample),
      ids: [],
    }))
  );
  let rows = all.flat();
  const repeat = batch.flatMap((_, i) => Array<number>(samples).fill(i));
  using reading = await base.start(begun, k);
  const readings = await Promise.all(guides.map(({ model }) => model.start(begun)));
  using _ = disposing(readings);

  let tokens = 0;
  let rated = 0;
  for (let step = 0; step < maxTokens; step++) {
    if (signal?.aborted) return undefined;
    rated += reading.candidates.ids.dims[0];
    let rewards = await rate(guides, readings, reading.candidates.ids);
    if (step === 0) {
      // prompts are read and first rated once, then repeated for their samples
      await selectAll(reading, readings, repeat);
      rewards = rewards && rowsOf(rewards, repeat);
    }
    const { candidates } = reading;
    const { places, guided } = await sampler.choose(
      candidates.logits,
      rewards,
      temperature,
      rows.map(({ random }) => random),
    );
    onStep?.({
      rows,
      candidates: candidates.ids,
      logits: candidates.logits,
      rewards,
      guided,
      places,
    });

    const ids = candidates.ids.data as BigInt64Array;
    const taken = places.map((place, row) => Number(ids[row * k + place]));
    tokens += rows.length;
    rows.forEach(({ ids }, row) => {
      if (taken[row] !== base.endOfText) ids.push(taken[row]);
    });
    if (step === maxTokens - 1) break;

    for (const other of readings) await other.accept(taken, places);
    const alive = rows.flatMap((_, row) => taken[row] === base.endOfText ? [] : [row]);
    if (alive.length < rows.length) {
      rows = alive.map((row) => rows[row]);
      if (rows.length === 0) break;
      await selectAll(reading, readings, alive);
    }
    await reading.step(alive.map((row) => taken[row]));
  }
  return {
    continuations: all.map((samples) => samples.map(({ ids }) => ids)),
    tokens,
    rated,
    calls: readings.map(({ backboneCalls }) => backboneCalls),
  };
}

async function selectAll(
  base: BaseReading,
  readings: readonly RewardReading[],
  rows: readonly number[],
): Promise<void> {
  for (const reading of [base, ...readings]) await reading.select(rows);
}

/** The rewards of all guides' labels that steer, `[rows, scores, k]`. */
async function rate(
  guides: readonly Guide[],
  readings: readonly RewardReading[],
  candidates: Value,
): Promise<Value | undefined> {
  const scores: Float32Array[][] = [];
  const [rows, k] = candidates.dims;
  for (const [i, { model, steering }] of guides.entries()) {
    const rated = (await readings[i].rate(candidates)).data as Float32Array;
    for (const { label } of steering) {
      const index = model.labels.indexOf(label);
      scores.push(Array.from({ length: rows }, (_, row) => {
        const start = (row * model.labels.length + index) * k;
        return rated.subarray(start, start + k);
      }));
    }
  }
  if (scores.length === 0) return undefined;
  const all = new Float32Array(rows * scores.length * k);
  scores.forEach((rowScores, s) =>
    rowScores.forEach((values, row) => all.set(values, (row * scores.length + s) * k))
  );
  return floats([rows, scores.length, k], all);
}

function disposing(owned: readonly Disposable[]): Disposable {
  return {
    [Symbol.dispose]() {
      for (const item of owned) item[Symbol.dispose]();
    },
  };
}

function check(
  base: BaseModel,
  prompts: readonly (readonly number[])[],
  { guides, k, samples, maxTokens, temperature, batchRows }: Settings,
): void {
  for (const [name, value] of Object.entries({ k, samples, maxTokens, batchRows })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(
        `Cannot generate as '${name}' must be a positive integer: it is ${value}`,
      );
    }
  }
  if (!(temperature >= 0)) {
    throw new RangeError(
      `Cannot generate as 'temperature' must be 0 or more: it is ${temperature}`,
    );
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
  for (const { model, steering } of guides) {
    if (model.vocabulary !== base.vocabulary) {
      throw new RangeError(
        `The base model has ${base.vocabulary} tokens and the reward model ${model.vocabulary}: ` +
          `they must share a tokenizer`,
      );
    }
    for (const { label, beta = 0 } of steering) {
      if (!Number.isFinite(beta)) {
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
