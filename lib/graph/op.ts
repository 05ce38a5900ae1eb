import { type DType, requireTensor, type Tensor, tensor, type TensorType } from "./tensor.ts";

/** How an attribute is stored in ONNX. */
export type AttributeKind = "int" | "ints" | "float" | "string" | "graph";

/** A graph within a graph, such as the body of a loop. */
export interface Subgraph {
  /** What it is given at every run, in order: tensors of kind "input". */
  readonly inputs: readonly Tensor[];
  /** What it computes, in order. */
  readonly outputs: readonly Tensor[];
}

export interface AttributeValues {
  int: number;
  ints: readonly number[];
  float: number;
  string: string;
  graph: Subgraph;
}

export type AttributeKinds = Readonly<Record<string, AttributeKind>>;

export type Attributes<K extends AttributeKinds = AttributeKinds> = {
  readonly [name in keyof K]?: AttributeValues[K[name]];
};

/** One application of an op. */
export interface Node<K extends AttributeKinds = AttributeKinds> {
  readonly op: Op<K>;
  readonly inputs: readonly (Tensor | undefined)[];
  readonly attributes: Attributes<K>;
  readonly outputs: readonly Tensor[];
}

/**
 * The vector–Jacobian product of an op: from the gradients of a scalar with respect to the node's outputs
 * (`undefined` where an output does not matter) to those with respect to its inputs (`undefined` where none
 * flows, as into indices). `wanted[i]` says whether anybody asked for input i.
 */
export type Gradient<K extends AttributeKinds> = (
  node: Node<K>,
  outputGradients: readonly (Tensor | undefined)[],
  wanted: readonly boolean[],
) => readonly (Tensor | undefined)[];

/**
 * An operator: its ONNX name, how shapes follow from shapes, and its gradient side by side.
 * `"none"` says that the op is not differentiable, or never on the way to a loss.
 */
export interface Op<K extends AttributeKinds = AttributeKinds> {
  readonly name: string;
  /** `"com.microsoft"` for ONNX Runtime's own ops; the standard domain where absent. */
  readonly domain?: "com.microsoft";
  readonly attributes: K;
  /** Whether inputs may be left out, as undefined. */
  readonly optionalInputs?: true;
  /** The element types and shapes of the outputs. @throws {TypeError | RangeError} naming the op and the shapes. */
  readonly infer: (
    inputs: readonly (Tensor | undefined)[],
    attributes: Attributes<K>,
  ) => readonly TensorType[];
  readonly gradient: Gradient<K> | "none";
  /** The same results by standard ops, for execution providers that lack an op of ONNX Runtime's own, or part of it. */
  readonly portable?: (node: Node<K>) => Tensor | readonly Tensor[];
}

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
