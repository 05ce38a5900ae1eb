import { matmul, sumAll } from "../lib/graph/ops/mod.ts";
import { compile } from "../lib/graph/program.ts";
import { input } from "../lib/graph/tensor.ts";
import type { Device } from "../lib/runtime/device.ts";
import { Session } from "../lib/runtime/session.ts";
import { floats } from "../lib/runtime/value.ts";
import { matrixOperations } from "./matrix_operations.ts";

/** Matrices that stay in a processor's caches, and products of them a run. */
const [size, products] = [1024, 4];

/** Multiplications and additions a second of matrix products and nothing else: the best of some runs. */
export async function matrixRate(device: Device): Promise<number> {
  const a = input("a", "float32", [size, size]);
  let y = a;
  for (let i = 0; i < products; i++) y = matmul(y, a, { alpha: 1 / size });
  const total = sumAll(y);
  await using session = await Session.open(compile({ total }), device);
  const feeds = { a: floats([size, size], new Float32Array(size * size).fill(1)) };
  let best = Infinity;
  for (let run = 0; run < 8; run++) {
    const began = performance.now();
    await session.run(feeds);
    best = Math.min(best, performance.now() - began);
  }
  return matrixOperations([total], new Map()) / best * 1000;
}
