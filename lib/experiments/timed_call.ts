import type { BaseModel } from "../bases/base_model.ts";
import type { RatedTokens } from "./efficiency_scales.ts";
import type { Writer } from "./random_writers.ts";

/** Candidates of a step that rates the whole vocabulary, and of the unguided model beside it: the paper's smaller k. */
export const unguidedK = 20;

/** What writing without guidance is called. */
export const unguidedLabel = "unguided";

/** What is the same in all calls. */
export interface Call {
  readonly prompt: readonly number[];
  readonly samples: number;
  readonly newTokens: number;
  readonly signal: AbortSignal | undefined;
}

/** A short call that loads the models and lets them take their memory. */
export function warmedUp(call: Call): Call {
  return { ...call, newTokens: Math.min(call.newTokens, 2) };
}

export interface Timing {
  /** Of one step of the batch. */
  readonly milliseconds: number;
  readonly backboneCalls: number;
}

/** A call of the unguided model and one of the guided model, next to each other in time. */
export interface Pair {
  readonly alone: Timing;
  readonly steered: Timing;
}

/** What is timed, and what its progress is called. */
export interface Timed {
  readonly base: BaseModel;
  readonly write: Writer;
  readonly label: string;
}

/** Times one generation. */
export async function time(
  { base, write, label }: Timed,
  rated: RatedTokens,
  { prompt, samples, newTokens, signal }: Call,
  onStep?: () => void,
): Promise<Timing> {
  signal?.throwIfAborted();
  const began = performance.now();
  const backboneCalls = await write(base, prompt, {
    topK: Math.min(rated === "vocabulary" ? unguidedK : rated, base.vocabulary),
    rated: rated === "vocabulary" ? "vocabulary" : "top-k",
    samples,
    batchSize: samples,
    maxNewTokens: newTokens,
    ends: [],
    label: label === unguidedLabel ? label : `${label}, k = ${rated}`,
    onStep,
    signal,
  });
  const milliseconds = (performance.now() - began) / newTokens;
  signal?.throwIfAborted();
  return { milliseconds, backboneCalls: Number(backboneCalls.toFixed(2)) };
}
