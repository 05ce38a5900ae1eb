import * as ort from "onnxruntime-node";
import { add } from "../graph/ops/arithmetic.ts";
import { compile } from "../graph/program.ts";
import { input } from "../graph/tensor.ts";
import { createSession } from "../runtime/create_session.ts";
import type { DeviceName } from "../runtime/device_name.ts";
import { probeGraph, type ProbeType, type ProbeWork } from "./probe_graph.ts";

/** A rate, and the extent of the square matrices that it was measured on. */
export interface Rate {
  /** Operations, or bytes, a second. */
  readonly perSecond: number;
  readonly size: number;
}

/** Extents of square matrices: a larger one is tried while there is time. */
const sizes = [64, 128, 256, 512, 1024, 2048, 4096, 8192];

/** Products or sums of a run, one after the other. */
const turns = 8;

const bytesOf: Record<ProbeType, number> = { float32: 4, float16: 2, bfloat16: 2 };

/**
 * Floating-point operations a second of products of square matrices, which stay on the device.
 *
 * @param seconds how long may be measured, but for loading.
 * @throws {Error} if the device has no product of that type.
 */
export async function productRate(
  device: DeviceName,
  type: ProbeType,
  seconds: number,
): Promise<Rate> {
  const rates = await ratesOf(device, "multiply", type, seconds, (size) => 2 * size ** 3);
  return rates.reduce((best, rate) => rate.perSecond > best.perSecond ? rate : best);
}

/**
 * Bytes a second that a sum reads and writes in the device's own memory: how fast it copies.
 *
 * @param seconds how long may be measured, but for loading.
 * @throws {Error} if the device has no sum of that type.
 */
export async function copyRate(
  device: DeviceName,
  type: ProbeType,
  seconds: number,
): Promise<Rate> {
  const bytes = (size: number) => 2 * bytesOf[type] * size ** 2;
  // smaller ones may never leave a cache
  return (await ratesOf(device, "add", type, seconds, bytes)).at(-1)!;
}

/** The rates at growing sizes, until there is no time for the next. */
async function ratesOf(
  device: DeviceName,
  work: ProbeWork,
  type: ProbeType,
  seconds: number,
  workOf: (size: number) => number,
): Promise<Rate[]> {
  const until = performance.now() + 1000 * seconds;
  const scale = new ort.Tensor("float32", Float32Array.of(1), [1]);
  const rates: Rate[] = [];
  for (const size of sizes) {
    const took = await fastestRun(device, probeGraph(work, type, size, turns), { scale }, until);
    rates.push({ perSecond: turns * workOf(size) / took, size });
    // the next size takes eight times as long, and is loaded first
    if (performance.now() + 1000 * 20 * took > until) break;
  }
  return rates;
}

/** Megabytes that go to the device and come back. */
const crossing = 32;

/**
 * Bytes a second between memory and the device: a tensor of 32 MB goes there, and its sum with a number comes back. On the
 * CPU that is what a run costs beside its ops.
 */
export async function crossingRate(device: DeviceName, seconds: number): Promise<Rate> {
  const size = crossing * 2 ** 18;
  const { model } = compile({ y: add(input("x", "float32", [size]), 1) });
  const x = new ort.Tensor("float32", new Float32Array(size), [size]);
  const took = await fastestRun(device, model, { x }, performance.now() + 1000 * seconds);
  return { perSecond: 2 * 4 * size / took, size };
}

/** Runs after one that is not counted, at most. */
const mostRuns = 5;

/** Seconds of the fastest run: one at least, and as many more as there is time for. */
async function fastestRun(
  device: DeviceName,
  model: Uint8Array,
  feeds: Readonly<Record<string, ort.Tensor>>,
  until: number,
): Promise<number> {
  const session = await createSession(device, model, {});
  try {
    await session.run(feeds);
    let fastest = Infinity;
    for (let run = 0; run < mostRuns && (run === 0 || performance.now() < until); run++) {
      const began = performance.now();
      await session.run(feeds);
      fastest = Math.min(fastest, (performance.now() - began) / 1000);
    }
    return fastest;
  } finally {
    await session.release();
  }
}
