import { rowsOf, type Value } from "../runtime/value.ts";
import type { DrawSettings } from "./draw.ts";

/** What a batch is continued with, beside the graphs. */
export interface BatchSettings extends DrawSettings {
  /** Candidates a step. */
  readonly k: number;
  /** Continuations of each prompt. */
  readonly samples: number;
  /** Tokens that end a text. */
  readonly ends: readonly number[];
  /** By what the logits of tokens that were read are divided; absent: by nothing. */
  readonly repetitionPenalty?: number;
}

/** A prompt as the models of a step read it. */
export interface ReadPrompt {
  /** What the base model reads, from its first token on. */
  readonly base: readonly number[];
  /** What reward models go on from, without what each of them begins a text with. */
  readonly rated: readonly number[];
}

/** Candidates that were rated and guided. */
export interface GuidedCandidates {
  /** int64 `[rows, k]`. */
  readonly candidates: Value;
  /** The base model's logits, float32 `[rows, k]`. */
  readonly logits: Value;
  /** What every guide said of the candidates, float32 `[rows, labels, k]` each. */
  readonly scores: readonly Value[];
  /** Guided logits, float32 `[rows, k]`. */
  readonly guided: Value;
}

/** What each row of a step chose from. */
export interface Choices extends GuidedCandidates {
  /** The Gumbel noise that the choice was drawn with, float32 `[rows, k]`; zeros at temperature 0. */
  readonly noise: Value;
}

/** One step of a batch: what each row chose from, and what it chose. */
export interface Step extends Choices {
  /** The place of the token taken among the candidates, one a row. */
  readonly places: readonly number[];
  /** The token taken, one a row. */
  readonly tokens: readonly number[];
}

/** For each row of a batch, prompt after prompt, the place of its prompt. */
export function promptPlaces(rows: number, samples: number): number[] {
  return Array.from({ length: rows }, (_, row) => Math.floor(row / samples));
}

/** The named rows, in that order; a row may be named more than once. */
export function candidatesOfRows(
  { candidates, logits, scores, guided }: GuidedCandidates,
  rows: readonly number[],
): GuidedCandidates {
  return {
    candidates: rowsOf(candidates, rows),
    logits: rowsOf(logits, rows),
    scores: scores.map((values) => rowsOf(values, rows)),
    guided: rowsOf(guided, rows),
  };
}

/** A step that was drawn. What it chose from is put together only if somebody looks. */
export class DrawnStep implements Step {
  readonly places: readonly number[];
  readonly tokens: readonly number[];
  readonly #source: () => Choices;
  #choices?: Choices;

  constructor(source: () => Choices, places: readonly number[], tokens: readonly number[]) {
    this.#source = source;
    this.places = places;
    this.tokens = tokens;
  }

  get candidates(): Value {
    return this.#look().candidates;
  }

  get logits(): Value {
    return this.#look().logits;
  }

  get scores(): readonly Value[] {
    return this.#look().scores;
  }

  get guided(): Value {
    return this.#look().guided;
  }

  get noise(): Value {
    return this.#look().noise;
  }

  /** The step of the named rows, in that order. */
  ofRows(rows: readonly number[]): DrawnStep {
    return new DrawnStep(
      () => ({
        ...candidatesOfRows(this.#look(), rows),
        noise: rowsOf(this.#look().noise, rows),
      }),
      rows.map((row) => this.places[row]),
      rows.map((row) => this.tokens[row]),
    );
  }

  #look(): Choices {
    return this.#choices ??= this.#source();
  }
}

/** The step that takes these places. */
export function stepAt(choices: Choices, places: readonly number[]): DrawnStep {
  const ids = choices.candidates.data as BigInt64Array;
  const [, k] = choices.candidates.dims;
  const tokens = places.map((place, row) => Number(ids[row * k + place]));
  return new DrawnStep(() => choices, places, tokens);
}

/** A batch of prompts that is continued step by step, every prompt by several samples. */
export interface Decoding extends AsyncDisposable {
  /** Reads the prompts, and draws the first token of every sample: rows are prompt after prompt. */
  first(): Promise<DrawnStep>;
  /**
   * Reads what was drawn last, and draws the next token, up to `turns` times, fewer if rows should be dropped first.
   *
   * @param alive the rows of the last step that go on, rising.
   */
  next(alive: readonly number[], turns: number): Promise<DrawnStep[]>;
  /** Rows times steps that were rated so far. */
  readonly rated: number;
  /** Tokens that went through the backbones of each guide so far. */
  readonly backboneCalls: readonly number[];
}
