import { add } from "../graph/ops/arithmetic.ts";
import { reshape } from "../graph/ops/reshape.ts";
import { compile, type Program } from "../graph/program.ts";
import { type DType, input, type Tensor } from "../graph/tensor.ts";
import type { Device } from "./device.ts";
import { Session } from "./session.ts";
import type { ArrayOf, Value } from "./value.ts";

// Tensors cross between memory and a GPU as inputs and outputs of one-node graphs: onnxruntime-node 1.30.0
// has no other way up, and asking a tensor on the GPU for its data ends the process.

/** One graph a direction, device, element type and rank. They live as long as the process. */
const sessions = new Map<string, Promise<Session>>();

async function through(
  direction: "up" | "down",
  value: Value,
  device: Device,
  build: (x: Tensor, shape: string[]) => Tensor,
): Promise<Value> {
  const names = value.dims.map((_, axis) => `n${axis}`);
  const key = [direction, device.name, value.type, names.length].join(" ");
  let session = sessions.get(key);
  if (!session) {
    const program: Program = compile({ y: build(input("x", value.type as DType, names), names) });
    // it is every device's of the name, so it counts for none
    session = Session.open(program, { name: device.name }, {
      onDevice: direction === "up" ? ["y"] : [],
    });
    sessions.set(key, session);
  }
  const { y } = await (await session).run({ x: value });
  device.copies?.add(direction, direction === "up" ? value : y);
  return y;
}

/** The same float32 tensor on the device; on the CPU, or if it is there already, the tensor itself. */
export async function toDevice(value: Value, device: Device): Promise<Value> {
  if (device.name === "cpu" || value.location !== "cpu") return value;
  return await through("up", value, device, (x) => add(x as Tensor<"float32">, 0));
}

/** Copies a tensor's elements to memory, from wherever they are. @throws {TypeError} if they are of another type. */
export async function read<D extends DType>(
  value: Value,
  dtype: D,
  device: Device,
): Promise<ArrayOf[D]> {
  if (value.type !== dtype) throw new TypeError(`A ${value.type} value was read as ${dtype}.`);
  if (value.location === "cpu") return (value.data as unknown as ArrayOf[D]).slice() as ArrayOf[D];
  const copy = await through("down", value, device, (x, shape) => reshape(x, [...shape, 1]));
  return copy.data as unknown as ArrayOf[D];
}
