import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

/**
 * A seeded stream of random numbers (xoroshiro128+, from `pure-rand`).
 *
 * The stream is named by a *path* of integers and words, such as `(seed, "noise", prompt, sample)`:
 * equal paths give equal streams, different paths unrelated ones. A consumer that draws from its own
 * path is not disturbed by what others draw, so results do not depend on batching or on resuming.
 *
 * @example
 * ```ts
 * const random = new Random(7, "shuffle", 0);
 * random.shuffle([1, 2, 3]);
 * ```
 */
export class Random {
  readonly #generator: RandomGenerator;

  constructor(...path: (number | string)[]) {
    this.#generator = xoroshiro128plusFromState(stateOf(path));
  }

  /** A float drawn uniformly from [0, 1). */
  uniform(): number {
    return uniformFloat64(this.#generator);
  }

  /** An integer drawn uniformly from 0 … `below` − 1. */
  integer(below: number): number {
    return uniformInt(this.#generator, 0, below - 1);
  }

  /** A draw from the normal distribution N(0, 1), by the Box–Muller transform. */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** A draw from the standard Gumbel distribution: arg-max over logits + Gumbel noise samples softmax(logits). */
  gumbel(): number {
    return -Math.log(-Math.log1p(-(this.uniform() + 2 ** -54)));
  }

  /** An index drawn with probability proportional to `weights`. */
  weighted(weights: ArrayLike<number>): number {
    let total = 0;
    for (let i = 0; i < weights.length; i++) total += weights[i];
    let left = this.uniform() * total;
    for (let i = 0; i < weights.length - 1; i++) {
      left -= weights[i];
      if (left < 0) return i;
    }
    return weights.length - 1;
  }

  /** Shuffles `items` in place (Fisher–Yates) and returns it. */
  shuffle<T extends unknown[] | Uint32Array | Int32Array>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [items[i], items[j]] = [items[j], items[i]];
    }
    return items;
  }
}

/** Hashes a path into the generator's 128 bits of state (two rounds of murmur3's mixing per item). */
function stateOf(path: readonly (number | string)[]): number[] {
  const text = new TextEncoder().encode(JSON.stringify(path));
  return [1, 2, 3, 4].map((lane) => {
    let hash = Math.imul(lane, 0x9e3779b1);
    for (const byte of text) hash = Math.imul(hash ^ byte, 0x01000193) ^ (hash >>> 15);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return (hash ^ (hash >>> 16)) | lane;
  });
}
