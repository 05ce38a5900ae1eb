import { compile } from "../graph/program.ts";
import { reshape } from "../graph/ops/reshape.ts";
import { type DType, input } from "../graph/tensor.ts";
import type { Device } from "./device.ts";
import { Session } from "./session.ts";
import type { ArrayOf, Value } from "./value.ts";

/** One reading graph for each device and element type. They live as long as the process. */
const readers = new Map<string, Promise<Session>>();

/**
 * Copies a tensor's elements to memory, from wherever they are.
 *
 * A tensor on a GPU goes through a graph whose output is in memory: in onnxruntime-node 1.30.0 asking the
 * tensor itself for its data ends the process.
 */
export async function read<D extends DType>(
  value: Value,
  dtype: D,
  device: Device,
): Promise<ArrayOf[D]> {
  if (value.type !== dtype) throw new TypeError(`A ${value.type} value was read as ${dtype}.`);
  if (value.location === "cpu") return (value.data as unknown as ArrayOf[D]).slice() as ArrayOf[D];
  const { dims } = value;
  const rank = dims.length;
  const key = `${device.name} ${dtype} ${rank}`;
  if (!readers.has(key)) {
    const names = dims.map((_, axis) => `n${axis}`);
    const x = input("x", dtype, names);
    const flat = reshape(x, [...names, 1]);
    readers.set(key, Session.open(compile({ y: flat }), device));
  }
  const { y } = await (await readers.get(key)!).run({ x: value });
  return y.data as unknown as ArrayOf[D];
}
