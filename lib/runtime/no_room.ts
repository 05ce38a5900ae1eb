import { type Dim, evaluate, showShape, sizeOf } from "../graph/dim.ts";
import { nodesBefore } from "../graph/op.ts";
import type { Program } from "../graph/program.ts";
import { bytesPerElement, type Tensor } from "../graph/tensor.ts";
import { sizeText } from "../files/room.ts";
import type { DeviceName } from "./device_name.ts";

/** What Vulkan, Dawn, Direct3D, Metal and CUDA say when there is no memory for a tensor, or a buffer may not be so large. */
const saysSo =
  /out of (device )?memory|OUT_OF_(DEVICE_)?MEMORY|\[Invalid Buffer|max buffer size limit|exceeding maxStorageBufferBindingSize|Too many storage buffers|Failed to allocate memory|CUDA failure 2\b|bad_alloc/i;

/**
 * What a runtime's error means where the device has no room for a program: one sentence with sizes. Other errors stay as they are.
 * Runtimes do not tell a device's limits; what the program needs is known.
 *
 * @param sizes of the names in shapes; none when the program is loaded.
 */
export function withoutRoom(
  error: unknown,
  program: Program,
  device: DeviceName,
  sizes: ReadonlyMap<Dim, number> = new Map(),
): unknown {
  if (!saysSo.test(String((error as Error).message))) return error;
  const nodes = nodesBefore(...program.outputs.values());
  const bytesOf = ({ shape, dtype }: Tensor) =>
    (evaluate(sizeOf(shape), sizes) ?? 0) * bytesPerElement[dtype];
  const tensors = nodes.flatMap(({ inputs, outputs }) => [...inputs, ...outputs])
    .filter((x) => x !== undefined);
  const weights = new Set(tensors.filter(({ source }) => source.kind === "weight"));
  const total = [...weights].reduce((sum, x) => sum + bytesOf(x), 0);
  const largest = tensors.reduce((a, b) => bytesOf(b) > bytesOf(a) ? b : a);
  const extents = showShape(largest.shape.map((dim) => evaluate(dim, sizes) ?? dim));
  const all = total > 0 ? `weights of ${sizeText(total)}, and ` : "";
  return new Error(
    `The ${device} device has no room for a graph with ${all}a largest tensor of ${
      sizeText(bytesOf(largest))
    } (${
      nameOf(largest)
    } ${extents}): take fewer texts at once or shorter ones, the precision float16, a smaller model, or the device cpu.`,
    { cause: error },
  );
}

function nameOf({ source }: Tensor): string {
  if (source.kind === "weight" || source.kind === "input") return source.name;
  return source.kind === "node" ? source.node.op.name : source.kind;
}
