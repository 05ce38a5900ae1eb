import type { Fill } from "../models/backbone.ts";
import { headFill } from "../models/initialization.ts";
import { type Seed } from "../options/seed_option.ts";
import { writeAtomically } from "../files/atomic_write.ts";
import type { ParameterShapes } from "../models/parameters.ts";
import { Progress } from "../progress.ts";
import { Random } from "../random.ts";
import { elementCount } from "../weights/safetensors_header.ts";

export interface RandomWeightsOptions {
  /** How each parameter begins; zeros become noise. Default: as a fresh head. */
  fill?: (name: string) => Fill;
  /** Default 0. */
  seed?: Seed;
  /** Stops the writing; the file is then not there. */
  signal?: AbortSignal;
}

/** Numbers that are drawn; tensors repeat them, each from a place of its own. */
const blockLength = 2 ** 20;

/** Bytes of a float32 file with these tensors, but for its header. */
export function weightBytes(shapes: ParameterShapes): number {
  return 4 * [...shapes.values()].reduce((sum, shape) => sum + elementCount(shape), 0);
}

/**
 * Writes a safetensors file of weights that cost what a trained model's do: as a fresh model's, but drawn once. A few megabytes are in memory at a time, whatever the model's size.
 *
 * @throws {Error} if the file cannot be written.
 * @throws the signal's reason if it is aborted.
 */
export async function writeRandomWeights(
  path: string,
  shapes: ParameterShapes,
  { fill = headFill, seed = 0, signal }: RandomWeightsOptions = {},
): Promise<void> {
  await writeAtomically(path, chunksOf(shapes, fill, seed, signal));
}

function* chunksOf(
  shapes: ParameterShapes,
  fill: (name: string) => Fill,
  seed: Seed,
  signal: AbortSignal | undefined,
): Generator<Uint8Array> {
  const random = new Random(seed, "random weights");
  // twice the same numbers of deviation 1, so that a stretch of them can begin anywhere
  const noise = new Float32Array(2 * blockLength);
  for (let i = 0; i < blockLength; i++) {
    noise[i] = noise[i + blockLength] = Math.sqrt(12) * (random.uniform() - 0.5);
  }

  yield headerOf(shapes);
  const total = weightBytes(shapes);
  const progress = new Progress({
    label: "Writing random weights",
    total: total / 1e6,
    unit: "MB",
  });
  let written = 0;
  for (const [name, shape] of shapes) {
    const { mean, deviation: drawn } = fill(name);
    // the runtime leaves out what adds zeros
    const deviation = mean === 0 && drawn === 0 ? 0.02 : drawn;
    const from = random.integer(blockLength);
    for (let left = elementCount(shape); left > 0; left -= blockLength) {
      signal?.throwIfAborted();
      const length = Math.min(left, blockLength);
      const values = noise.subarray(from, from + length).map((x) => mean + deviation * x);
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
