import { goldenFolder } from "../shared_data.ts";

/** The part of `metrics.json` that needs no model; null in the file is NaN here. */
export interface GoldenMetrics {
  distinctness: { prompts: string[][]; per_prompt: number[][]; mean: number[] };
  perplexity: {
    limit: number;
    perplexities: number[][];
    kept: number[];
    kept_count: number;
    mean: number;
  };
  toxicity: {
    name: string;
    scores: number[][][];
    average_max_toxicity: number;
    toxic_rate: number;
    prompts_counted: number;
    dist: number[];
  }[];
  positive_rate: { labels: string[][]; value: number };
}

/** The golden values, or undefined on a machine that has none. */
export const goldenMetrics: GoldenMetrics | undefined = goldenFolder && JSON.parse(
  Deno.readTextFileSync(`${goldenFolder}/metrics.json`),
  (_, value) => value === null ? NaN : value,
);

/** The name of a test with the reason why it is skipped, if it is. */
export function withGolden(name: string): { name: string; ignore: boolean } {
  return goldenMetrics
    ? { name, ignore: false }
    : { name: `${name} (skipped: no ../shared/golden)`, ignore: true };
}

/** Throws unless the lists are equal within the tolerance (absolute plus relative). */
export function assertNear(
  actual: readonly number[],
  expected: readonly number[],
  tolerance = 1e-12,
): void {
  if (actual.length !== expected.length) {
    throw new Error(`${actual.length} values, expected ${expected.length}`);
  }
  actual.forEach((value, i) => {
    const near = Math.abs(value - expected[i]) <= tolerance * (1 + Math.abs(expected[i]));
    if (!near && !(Number.isNaN(value) && Number.isNaN(expected[i]))) {
      throw new Error(`value ${i} is ${value}, expected ${expected[i]}`);
    }
  });
}
