import { compile } from "../lib/graph/program.ts";
import type { Tensor } from "../lib/graph/tensor.ts";
import type { Device } from "../lib/runtime/device.ts";
import { Session } from "../lib/runtime/session.ts";
import type { Value } from "../lib/runtime/value.ts";

export const cpu: Device = { name: "cpu" };

/** Compiles a graph, runs it once, and gives the outputs by name. */
export async function runGraph(
  outputs: Readonly<Record<string, Tensor>>,
  feeds: Readonly<Record<string, Value>> = {},
  device: Device = cpu,
): Promise<Record<string, Value>> {
  await using session = await Session.open(compile(outputs), device, { threads: 1 });
  return await session.run(feeds);
}

/** The elements of a float32 value in memory. */
export function floatsOf(value: Value): Float32Array {
  return value.data as Float32Array;
}

/** The largest absolute difference of two arrays of one length. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i] - b[i]);
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}
