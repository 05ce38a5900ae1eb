import { compile } from "../lib/graph/program.ts";
import { softmax } from "../lib/graph/ops/mod.ts";
import { input, type Tensor } from "../lib/graph/tensor.ts";
import type { Device } from "../lib/runtime/device.ts";
import { Session } from "../lib/runtime/session.ts";
import { floats, integers, type Value } from "../lib/runtime/value.ts";
import type { NumericArray } from "./compare.ts";

/** Compiles a graph, runs it once and gives its outputs in memory. Feeds that it has no input for are left out. */
export async function runOnce(
  outputs: Readonly<Record<string, Tensor>>,
  feeds: Readonly<Record<string, Value>>,
  device: Device,
): Promise<Record<string, Value>> {
  await using session = await Session.open(compile(outputs), device);
  const wanted = Object.entries(feeds).filter(([name]) => session.program.inputs.has(name));
  return await session.run(Object.fromEntries(wanted));
}

/** The numbers of a value in memory. */
export function numbersOf({ dims, data }: Value): NumericArray {
  return {
    shape: dims,
    data: data instanceof BigInt64Array ? Float64Array.from(data, Number) : data as Float32Array,
  };
}

/** Rows of ids, all of one length, as a value `[rows, columns]`. @throws {RangeError} if lengths differ. */
export function idsValue(rows: readonly (readonly number[])[]): Value {
  return integers([rows.length, rows[0].length], rows.flat());
}

/** Rows of numbers, all of one length, as a float value `[rows, columns]`. @throws {RangeError} if lengths differ. */
export function floatsValue(rows: readonly (readonly number[])[]): Value {
  return floats([rows.length, rows[0].length], Float32Array.from(rows.flat()));
}

/** The softmax of every row of a matrix. */
export async function softmaxRows({ shape, data }: NumericArray): Promise<NumericArray> {
  const logits = input("logits", "float32", ["rows", "n"]);
  const feeds = { logits: floats(shape, Float32Array.from(data)) };
  const { y } = await runOnce({ y: softmax(logits) }, feeds, { name: "cpu" });
  return numbersOf(y);
}
