import type { Dim } from "./dim.ts";
import { namesIn } from "./dim.ts";
import type { Node, Tensor } from "./tensor.ts";

/** Ops that change a vector of integers so little that memory is the place for it. */
const ops: ReadonlySet<string> = new Set(["Cast", "Expand", "Reshape", "Unsqueeze"]);

/**
 * Whether a value is made of fed integers or of extents alone, by ops that change next to nothing. No execution provider of a GPU
 * computes those there, so they are computed before the graph runs, and fed.
 */
export function isPrepared({ source, dtype }: Tensor): boolean {
  if (source.kind === "extents") return source.dims.some((dim) => typeof dim !== "number");
  if (source.kind !== "node" || (dtype !== "int64" && dtype !== "float32")) return false;
  const { op, inputs: [x] } = source.node;
  return ops.has(op.name) && x?.dtype === "int64" && (x.source.kind === "input" || isPrepared(x));
}

/** The one operand of the node that computes such a value. */
export function operandOf(node: Node): Tensor {
  return node.inputs[0]!;
}

/** A text that is the same for values that are made in the same way. */
export function preparedKey({ source, shape, dtype }: Tensor): string {
  return JSON.stringify(
    source.kind === "node"
      ? [source.node.op.name, dtype, shape, preparedKey(operandOf(source.node))]
      : source.kind === "extents"
      ? source.dims
      : source.kind === "input"
      ? ["input", source.name]
      : [],
  );
}

/** The names of all extents that such a value is made by. */
export function preparedExtents({ source, shape }: Tensor): readonly string[] {
  const dims: readonly Dim[] = source.kind === "extents" ? source.dims : shape;
  const before = source.kind === "node" ? preparedExtents(operandOf(source.node)) : [];
  return [...dims.flatMap(namesIn), ...before];
}
