import { type Seed } from "../options/seed_option.ts";
import { Random } from "../random.ts";

export interface BatchOptions {
  /** Texts in a batch. */
  batchSize: number;
  seed: Seed;
  /** Which pass over the data this is; each has its own order. */
  epoch: number;
}

/** How many batches are drawn together and sorted by length: enough for little padding, few enough for a random order. */
const window = 50;

/**
 * Cuts one pass over the data into batches of texts of similar length, so that little padding is computed:
 * texts are shuffled, sorted by length within windows of 50 batches, cut, and the batches shuffled.
 *
 * @param lengths tokens of each text.
 * @returns the texts of each batch, by their place in `lengths`.
 */
export function batchesOf(
  lengths: ArrayLike<number>,
  { batchSize, seed, epoch }: BatchOptions,
): Uint32Array[] {
  const random = new Random(seed, "order", epoch);
  const order = random.shuffle(Uint32Array.from({ length: lengths.length }, (_, i) => i));
  const batches: Uint32Array[] = [];
  for (let start = 0; start < order.length; start += window * batchSize) {
    const drawn = order.subarray(start, start + window * batchSize);
    drawn.sort((a, b) => lengths[a] - lengths[b] || a - b);
    for (let i = 0; i < drawn.length; i += batchSize) batches.push(drawn.slice(i, i + batchSize));
  }
  return random.shuffle(batches);
}
