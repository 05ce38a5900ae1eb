import {
  type AttributeKinds,
  type Attributes,
  type DType,
  type Node,
  type Op,
  requireTensor,
  type Tensor,
  tensor,
} from "./tensor.ts";

/** Declares an op, its attributes typed by `attributes`; it takes part once it is listed in `ops/mod.ts`. */
export function defineOp<const K extends AttributeKinds>(op: Op<K>): Op {
  return op as unknown as Op;
}

/**
 * Applies an op to symbolic tensors and returns its outputs.
 *
 * @throws {TypeError} if an input is no tensor; what the op's shape rule throws.
 */
export function apply(
  op: Op,
  inputs: readonly (Tensor | undefined)[],
  attributes: Attributes = {},
): readonly Tensor[] {
  for (const input of inputs) {
    if (input !== undefined || !op.optionalInputs) requireTensor(op.name, input);
  }
  const outputs: Tensor[] = [];
  const node: Node = { op, inputs, attributes, outputs };
  op.infer(inputs, attributes).forEach(({ dtype, shape }, output) => {
    outputs.push(tensor(dtype, shape, { kind: "node", node, output }));
  });
  return outputs;
}

/** Applies an op with one output. @throws what the op's shape rule throws. */
export function applyOne<D extends DType = DType>(
  op: Op,
  inputs: readonly (Tensor | undefined)[],
  attributes: Attributes = {},
): Tensor<D> {
  return apply(op, inputs, attributes)[0] as Tensor<D>;
}

/** All nodes that the given tensors depend on, each after those that it depends on. */
export function nodesBefore(...tensors: readonly (Tensor | undefined)[]): Node[] {
  const ordered: Node[] = [];
  const seen = new Set<Node>();
  const visit = (tensor: Tensor | undefined): void => {
    if (tensor?.source.kind !== "node" || seen.has(tensor.source.node)) return;
    const { node } = tensor.source;
    seen.add(node);
    node.inputs.forEach(visit);
    ordered.push(node);
  };
  tensors.forEach(visit);
  return ordered;
}

/** The names of the inputs that a tensor depends on. */
export function inputsBefore(x: Tensor): ReadonlySet<string> {
  const tensors = [x, ...nodesBefore(x).flatMap(({ inputs }) => inputs)];
  return new Set(
    tensors.flatMap((each) => each?.source.kind === "input" ? [each.source.name] : []),
  );
}
