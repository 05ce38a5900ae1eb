import { add, argMax, div } from "../graph/ops/mod.ts";
import { input, type Tensor } from "../graph/tensor.ts";
import type { Random } from "../random.ts";
import { floats, type Value } from "../runtime/value.ts";
import { nucleus } from "./filters.ts";

type Float = Tensor<"float32">;

/** How the next token is drawn from the guided logits. */
export interface DrawSettings {
  /** 1 samples the softmax, less is bolder, 0 takes the likeliest. */
  readonly temperature: number;
  /** Draw from the nucleus of this probability only; absent: from all candidates. */
  readonly topP?: number;
}

/**
 * Draws a candidate a row: guided logits divided by the temperature, cut to their nucleus where asked for, plus Gumbel
 * noise; the largest wins, which samples the softmax. Without noise it is the likeliest.
 *
 * @param guided `[batch, k]`.
 * @param noise `[batch, k]`.
 * @param hasTopP whether the graph takes a nucleus's probability.
 * @returns places among the candidates, `[batch]`.
 */
export function draw(guided: Float, noise: Float, hasTopP: boolean): Tensor<"int64"> {
  const scaled = div(guided, input("temperature", "float32", []));
  const kept = hasTopP ? nucleus(scaled, input("top_p", "float32", [])) : scaled;
  return argMax(add(kept, noise));
}

/** Feeds of a graph that was built with `draw`, but for the noise. */
export function drawFeeds({ temperature, topP }: DrawSettings): Record<string, Value> {
  const one = (value: number) => floats([], Float32Array.of(value));
  return {
    temperature: one(temperature > 0 ? temperature : 1),
    ...(topP === undefined ? {} : { top_p: one(topP) }),
  };
}

/** Gumbel noise for the rows of a batch, each from its own stream, whether steps are taken one by one or many at once. */
export class Noise {
  readonly #k: number;
  readonly #isNone: boolean;
  /** What was drawn for each row and not yet used: the noise of one step after the other. */
  #rows: readonly { readonly stream: Random; readonly ahead: Float32Array[] }[];

  /** @param temperature at 0 the noise is none, and nothing is drawn. */
  constructor(streams: readonly Random[], k: number, temperature: number) {
    this.#rows = streams.map((stream) => ({ stream, ahead: [] }));
    this.#k = k;
    this.#isNone = temperature === 0;
  }

  /** The noise of the next steps, `[steps, rows, k]`; `use` says how many of them were taken. */
  next(steps: number): Value {
    const rows = this.#rows.length;
    const noise = new Float32Array(steps * rows * this.#k);
    if (!this.#isNone) {
      this.#rows.forEach(({ stream, ahead }, row) => {
        while (ahead.length < steps) {
          ahead.push(Float32Array.from({ length: this.#k }, () => stream.gumbel()));
        }
        for (let step = 0; step < steps; step++) {
          noise.set(ahead[step], (step * rows + row) * this.#k);
        }
      });
    }
    return floats([steps, rows, this.#k], noise);
  }

  use(steps: number): void {
    for (const { ahead } of this.#rows) ahead.splice(0, steps);
  }

  /** Goes on with the named rows only. */
  select(rows: readonly number[]): void {
    this.#rows = rows.map((row) => this.#rows[row]);
  }
}

/** No noise for one step, `[1, rows, k]`. */
export function noNoise(rows: number, k: number): Value {
  return floats([1, rows, k], new Float32Array(rows * k));
}
