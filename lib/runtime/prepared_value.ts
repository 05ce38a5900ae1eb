import { type Dim, evaluate } from "../graph/dim.ts";
import { operandOf } from "../graph/prepared.ts";
import type { Tensor } from "../graph/tensor.ts";
import { floats, integers, type Value, valueOf } from "./value.ts";

/**
 * The value of what is made of a run's shapes and integers alone (`isPrepared`), in memory.
 *
 * @param feeds of the run.
 * @param sizes of the names in shapes.
 */
export function preparedValue(
  x: Tensor,
  feeds: Readonly<Record<string, Value>>,
  sizes: ReadonlyMap<Dim, number>,
): Value {
  const numbersOf = (dims: readonly Dim[]) => dims.map((dim) => evaluate(dim, sizes)!);
  const { source } = x;
  if (source.kind === "extents") return integers([source.dims.length], numbersOf(source.dims));
  if (source.kind === "input") return feeds[source.name];
  if (source.kind !== "node") throw new TypeError(`A ${source.kind} is not prepared.`);
  const of = preparedValue(operandOf(source.node), feeds, sizes);
  const data = of.data as BigInt64Array;
  const shape = numbersOf(x.shape);
  if (source.node.op.name === "Expand") {
    return valueOf("int64", shape, repeated(data, of.dims, shape));
  }
  return x.dtype === "float32"
    ? floats(shape, Float32Array.from(data, Number))
    : valueOf("int64", shape, data);
}

/** The elements of a tensor, broadcast to another shape. */
function repeated(
  data: BigInt64Array,
  from: readonly number[],
  to: readonly number[],
): BigInt64Array {
  const all = new BigInt64Array(to.reduce((product, extent) => product * extent, 1));
  const missing = to.length - from.length;
  for (let i = 0; i < all.length; i++) {
    let [rest, at, stride] = [i, 0, 1];
    for (let axis = to.length - 1; axis >= missing; axis--) {
      const extent = from[axis - missing];
      if (extent > 1) at += (rest % to[axis]) * stride;
      stride *= extent;
      rest = Math.floor(rest / to[axis]);
    }
    all[i] = data[at];
  }
  return all;
}
