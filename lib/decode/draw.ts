import { add, argMax, div } from "../graph/ops/mod.ts";
import { input, type Tensor } from "../graph/tensor.ts";
import type { Random } from "../random.ts";
import { floats, type Value } from "../runtime/value.ts";
import { minP as minPFilter, nucleus } from "./filters.ts";

type Float = Tensor<"float32">;

/**
 * The least temperature that logits are divided by: less would carry them out of float32's range, where all that are
 * above 0 are alike, and the guidance is lost. Nothing but the likeliest is drawn there.
 */
const leastTemperature = 1e-30;

/** Whether a temperature leaves the likeliest candidate alone. */
export function isGreedy(temperature: number): boolean {
  return temperature < leastTemperature;
}

/** What logits are divided by at a temperature. */
export function divisorOf(temperature: number): number {
  return isGreedy(temperature) ? 1 : temperature;
}

/** How the next token is drawn from the guided logits. */
export interface DrawSettings {
  /** 1 samples the softmax, less is bolder, 0 takes the likeliest. */
  readonly temperature: number;
  /** Draw from the nucleus of this probability only; absent: from all candidates. */
  readonly topP?: number;
  /** Draw from those only that are at least so many times as probable as the likeliest; absent: from all. */
  readonly minP?: number;
}

/** Which cuts a graph that draws makes. */
export interface DrawShape {
  readonly topP: boolean;
  readonly minP: boolean;
  /** Whether every row has settings of its own. Default false. */
  readonly perRow?: boolean;
}

/** The cuts that settings ask for. */
export function drawShapeOf({ topP, minP }: Pick<DrawSettings, "topP" | "minP">): DrawShape {
  return { topP: topP !== undefined, minP: minP !== undefined };
}

/**
 * Draws a candidate a row: guided logits divided by the temperature, cut to their nucleus and then by min-p where asked for,
 * plus Gumbel noise; the largest wins, which samples the softmax. Without noise it is the likeliest.
 *
 * @param guided `[rows, k]`.
 * @param noise `[rows, k]`, as `gumbelNoise` makes it; zeros take the likeliest.
 * @param temperature above 0, a number or a tensor `[]`, or `[rows, 1]`. Default 1.
 * @param topP the nucleus's probability, a tensor `[]` or `[rows, 1]`. Default: no cut.
 * @param minP the least probability as a share of the likeliest's, a tensor `[]` or `[rows, 1]`. Default: no cut.
 * @returns places among the candidates, `[rows]`.
 */
export function draw(
  guided: Float,
  noise: Float,
  temperature: Float | number = 1,
  topP?: Float,
  minP?: Float,
): Tensor<"int64"> {
  let kept = temperature === 1 ? guided : div(guided, temperature);
  if (topP) kept = nucleus(kept, topP);
  if (minP) kept = minPFilter(kept, minP);
  return argMax(add(kept, noise));
}

/** The same with temperature and cuts as inputs, which `drawFeeds` feeds, or `rowDrawFeeds` where rows differ. */
export function drawAsFed(guided: Float, noise: Float, cuts: DrawShape): Tensor<"int64"> {
  const one = (name: string) => input(name, "float32", cuts.perRow ? ["batch", 1] : []);
  return draw(
    guided,
    noise,
    one("temperature"),
    cuts.topP ? one("top_p") : undefined,
    cuts.minP ? one("min_p") : undefined,
  );
}

/** Feeds of a graph that was built with `drawAsFed`, but for the noise. */
export function drawFeeds({ temperature, topP, minP }: DrawSettings): Record<string, Value> {
  const one = (value: number) => floats([], Float32Array.of(value));
  return {
    temperature: one(divisorOf(temperature)),
    ...(topP === undefined ? {} : { top_p: one(topP) }),
    ...(minP === undefined ? {} : { min_p: one(minP) }),
  };
}

/** How a row draws where rows differ. */
export interface RowDrawSettings extends DrawSettings {
  /** Candidates that it draws from. */
  readonly topK: number;
}

/** Feeds of a graph that was built with `drawAsFed` for rows with settings of their own, which makes both cuts. */
export function rowDrawFeeds(rows: readonly DrawSettings[]): Record<string, Value> {
  const ofEach = (value: (row: DrawSettings) => number) =>
    floats([rows.length, 1], Float32Array.from(rows, value));
  return {
    temperature: ofEach(({ temperature }) => divisorOf(temperature)),
    top_p: ofEach(({ topP = 1 }) => topP),
    min_p: ofEach(({ minP = 0 }) => minP),
  };
}

/** Gumbel noise for one step of rows with settings of their own, `[rows, k]`: as many numbers of its stream as a row has candidates. */
export function rowNoise(
  rows: readonly { readonly settings: RowDrawSettings; readonly random: Random }[],
  k: number,
): Value {
  const noise = new Float32Array(rows.length * k);
  rows.forEach(({ settings: { temperature, topK }, random }, row) => {
    if (isGreedy(temperature)) return;
    for (let i = row * k; i < row * k + topK; i++) noise[i] = random.gumbel();
  });
  return floats([rows.length, k], noise);
}

/** Gumbel noise for the rows of a batch, each from its own stream, whether steps are taken one by one or many at once. */
export class Noise {
  readonly #k: number;
  readonly #isNone: boolean;
  #streams: readonly Random[];
  /** What was drawn and not yet used, `[steps, rows, k]`. */
  #ahead = new Float32Array(0);

  /** @param temperature at 0, or next to it, the noise is none, and nothing is drawn. */
  constructor(streams: readonly Random[], k: number, temperature: number) {
    this.#streams = streams;
    this.#k = k;
    this.#isNone = isGreedy(temperature);
  }

  /**
   * The noise of the next steps, `[steps, rows, k]`; `use` says how many of them were taken. What was given out is
   * not written to again.
   */
  next(steps: number): Value {
    const size = steps * this.#perStep;
    const noise = new Float32Array(size);
    if (!this.#isNone) {
      noise.set(this.#ahead.subarray(0, size));
      for (let i = this.#ahead.length; i < size; i += this.#k) {
        const stream = this.#streams[(i / this.#k) % this.#streams.length];
        for (let j = i; j < i + this.#k; j++) noise[j] = stream.gumbel();
      }
      if (size > this.#ahead.length) this.#ahead = noise;
    }
    return floats([steps, this.#streams.length, this.#k], noise);
  }

  use(steps: number): void {
    this.#ahead = this.#ahead.subarray(steps * this.#perStep);
  }

  /** The noise of the next step alone, `[rows, k]`, as used. */
  take(): Value {
    const { data } = this.next(1);
    this.use(1);
    return floats([this.#streams.length, this.#k], data as Float32Array);
  }

  /** Goes on with the named rows only. */
  select(rows: readonly number[]): void {
    const steps = this.#ahead.length / this.#perStep;
    const kept = new Float32Array(steps * rows.length * this.#k);
    for (let step = 0; step < steps; step++) {
      rows.forEach((row, to) => {
        const start = step * this.#perStep + row * this.#k;
        kept.set(
          this.#ahead.subarray(start, start + this.#k),
          (step * rows.length + to) * this.#k,
        );
      });
    }
    this.#ahead = kept;
    this.#streams = rows.map((row) => this.#streams[row]);
  }

  get #perStep(): number {
    return this.#streams.length * this.#k;
  }
}

/** No noise for one step, `[1, rows, k]`. */
export function noNoise(rows: number, k: number): Value {
  return floats([1, rows, k], new Float32Array(rows * k));
}

/** Gumbel noise for one step, float32 `[rows, k]`: added to logits, it makes their arg-max a sample of the softmax. */
export function gumbelNoise(rows: number, k: number, random: Random): Value {
  return floats([rows, k], Float32Array.from({ length: rows * k }, () => random.gumbel()));
}
