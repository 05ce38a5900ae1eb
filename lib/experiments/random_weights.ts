import { type Seed } from "../options/seed_option.ts";
import { writeAtomically } from "../files/atomic_write.ts";
import type { ParameterShapes } from "../models/parameters.ts";
import { Progress } from "../progress.ts";
import { Random } from "../random.ts";
import { elementCount } from "../weights/safetensors_header.ts";

export interface RandomWeightsOptions {
  /** Default 0. */
  seed?: Seed;
  /** Stops the writing; the file is then not there. */
  signal?: AbortSignal;
}

/** Numbers that are drawn; tensors repeat them, each from a place of its own. */
const blockLength = 2 ** 20;

/** The standard deviation of GPT-2's initial weights. */
const deviation = 0.02;

/** Bytes of a float32 file with these tensors, but for its header. */
export function weightBytes(shapes: ParameterShapes): number {
  return 4 * [...shapes.values()].reduce((sum, shape) => sum + elementCount(shape), 0);
}

/**
 * Writes a safetensors file of weights that cost what a trained model's do: layer norms are 1, all else is noise as in
 * a fresh GPT-2. A few megabytes are in memory at a time, whatever the model's size.
 *
 * @throws {Error} if the file cannot be written.
 * @throws the signal's reason if it is aborted.
 */
export async function writeRandomWeights(
  path: string,
  shapes: ParameterShapes,
  { seed = 0, signal }: RandomWeightsOptions = {},
): Promise<void> {
  await writeAtomically(path, chunksOf(shapes, seed, signal));
}

function* chunksOf(
  shapes: ParameterShapes,
  seed: Seed,
  signal: AbortSignal | undefined,
): Generator<Uint8Array> {
  const random = new Random(seed, "random weights");
  const width = deviation * Math.sqrt(12);
  // twice the same numbers, so that a stretch of them can begin anywhere
  const noise = new Float32Array(2 * blockLength);
  for (let i = 0; i < blockLength; i++) {
    noise[i] = noise[i + blockLength] = width * (random.uniform() - 0.5);
  }
  const ones = new Float32Array(blockLength).fill(1);

  yield headerOf(shapes);
  const total = weightBytes(shapes);
  const progress = new Progress({
    label: "Writing random weights",
    total: total / 1e6,
    unit: "MB",
  });
  let written = 0;
  for (const [name, shape] of shapes) {
    const isNorm = /(^|\.)ln_\w+\.weight$/.test(name);
    const from = isNorm ? 0 : random.integer(blockLength);
    for (let left = elementCount(shape); left > 0; left -= blockLength) {
      signal?.throwIfAborted();
      const length = Math.min(left, blockLength);
      const values = (isNorm ? ones : noise).subarray(from, from + length);
      yield new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      written += values.byteLength;
      progress.update(written / 1e6);
    }
  }
  progress.done();
}

/** The beginning of a safetensors file of float32 tensors that lie one after the other. */
function headerOf(shapes: ParameterShapes): Uint8Array {
  let end = 0;
  const entries = [...shapes].map(([name, shape]) => {
    const start = end;
    end += 4 * elementCount(shape);
    return [name, { dtype: "F32", shape, data_offsets: [start, end] }];
  });
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const padded = Math.ceil(json.length / 8) * 8;
  const header = new Uint8Array(8 + padded).fill(" ".charCodeAt(0));
  new DataView(header.buffer).setBigUint64(0, BigInt(padded), true);
  header.set(json, 8);
  return header;
}
