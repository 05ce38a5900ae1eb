import { canonical, type Dim, multiply, type Shape, showShape } from "./dim.ts";
import { displaySymbol, type MediaBundle } from "../notebook/display.ts";
import { drawnGraph } from "../notebook/graph_drawing.ts";

/** The element types graphs compute with. `float64` serves numeric gradient checks, `float16` is for decoding on a GPU. */
export type DType = "float16" | "float32" | "float64" | "int64" | "uint8" | "bool";

/** The types that have gradients. */
export type FloatType = "float32" | "float64";

/** What is known of a tensor before a graph runs. */
export interface TensorType<D extends DType = DType> {
  readonly dtype: D;
  readonly shape: Shape;
}

/** Where a tensor's bytes stand in a file: a graph points there instead of holding a copy. */
export interface FileRegion {
  /** Absolute path with symbolic links resolved. */
  readonly path: string;
  readonly offset: number;
  readonly byteLength: number;
}

/** Of float16, its bits. */
export type ConstantData = Float32Array | Float64Array | BigInt64Array | Uint8Array | Uint16Array;

/** Where the values of a tensor come from. */
export type Source =
  | { readonly kind: "input"; readonly name: string }
  | { readonly kind: "constant"; readonly data: ConstantData }
  | { readonly kind: "weight"; readonly name: string; readonly region: FileRegion }
  | { readonly kind: "extents"; readonly dims: readonly Dim[] }
  | { readonly kind: "node"; readonly node: Node; readonly output: number };

/**
 * A symbolic tensor: what a graph will compute, known by its element type and shape only.
 * Immutable; graphs are these values and the nodes that they refer to.
 */
export interface Tensor<D extends DType = DType> extends TensorType<D> {
  readonly source: Source;
}

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

export const bytesPerElement: Record<DType, number> = {
  float16: 2,
  float32: 4,
  float64: 8,
  int64: 8,
  uint8: 1,
  bool: 1,
};

/** All tensors are of this class: they share a look, and making one costs no more than its fields. */
class SymbolicTensor<D extends DType> implements Tensor<D> {
  readonly dtype: D;
  readonly shape: Shape;
  readonly source: Source;

  constructor(dtype: D, shape: Shape, source: Source) {
    this.dtype = dtype;
    this.shape = shape;
    this.source = source;
  }

  async [displaySymbol](): Promise<MediaBundle> {
    return await drawnGraph({ "this tensor": this });
  }
}

/**
 * Checks what a function of graphs was given for a tensor, for callers whose types nobody checked.
 *
 * @param caller the function or the op, for the error.
 * @throws {TypeError} if it is none; one sentence.
 */
export function requireTensor(caller: string, value: unknown): asserts value is Tensor {
  const { dtype, shape, source } = Object(value) as Partial<Tensor>;
  if (dtype !== undefined && Array.isArray(shape) && source !== undefined) return;
  const given = typeof value === "string"
    ? "a text"
    : Array.isArray(value)
    ? "a list"
    : typeof value;
  throw new TypeError(
    `${caller} takes tensors of a graph, not ${
      value === null ? "null" : given === "object" ? "another object" : given
    }: make them with input(), constant() or scalar().`,
  );
}

/** A tensor whose values come from `source`. In a notebook it shows the graph that computes it. */
export function tensor<D extends DType>(dtype: D, shape: Shape, source: Source): Tensor<D> {
  return new SymbolicTensor(dtype, shape, source);
}

/** A tensor fed at every run. Plain names in its shape (`"batch"`) become sizes that other shapes may use. */
export function input<D extends DType>(name: string, dtype: D, shape: Shape): Tensor<D> {
  return tensor(dtype, shape.map(canonical), { kind: "input", name });
}

/** A tensor whose values are part of the graph. @throws {RangeError} if `data` does not fill `shape`. */
export function constant<D extends DType>(
  dtype: D,
  shape: readonly number[],
  values: readonly number[] | ConstantData,
): Tensor<D> {
  const data = Array.isArray(values) ? constantData(dtype, values) : values as ConstantData;
  const size = shape.reduce((product, dim) => product * dim, 1);
  if (data.length !== size || data.BYTES_PER_ELEMENT !== bytesPerElement[dtype]) {
    throw new RangeError(
      `constant: ${data.length} elements of ${data.BYTES_PER_ELEMENT} bytes do not fill ${dtype} ${
        showShape(shape)
      }.`,
    );
  }
  return tensor(dtype, shape, { kind: "constant", data });
}

/** One number of element type `dtype`, shape `[]`. */
export function scalar<D extends DType>(dtype: D, value: number): Tensor<D> {
  return constant(dtype, [], [value]);
}

function constantData(dtype: DType, values: readonly number[]): ConstantData {
  switch (dtype) {
    case "float16":
      return new Uint16Array(Float16Array.from(values).buffer);
    case "float32":
      return Float32Array.from(values);
    case "float64":
      return Float64Array.from(values);
    case "int64":
      return BigInt64Array.from(values, (value) => BigInt(value));
    case "uint8":
    case "bool":
      return Uint8Array.from(values);
  }
}

/**
 * A tensor whose values stay in a file, read by the runtime when the session is made.
 *
 * @throws {RangeError} if the region's length is not the shape's: the ONNX checkers do not compare them.
 */
export function weight<D extends FloatType | "uint8">(
  name: string,
  dtype: D,
  shape: readonly number[],
  region: FileRegion,
): Tensor<D> {
  const expected = Number(multiply(...shape)) * bytesPerElement[dtype];
  if (expected !== region.byteLength) {
    throw new RangeError(
      `weight ${name}: ${dtype} ${
        showShape(shape)
      } needs ${expected} bytes, but its region in ${region.path} has ${region.byteLength}.`,
    );
  }
  return tensor(dtype, shape, { kind: "weight", name, region });
}

/**
 * The given extents as an int64 vector, known when the graph runs.
 * Each name in them must be an extent of some input of the graph; one that begins with `$` is fed by
 * itself: the extent `$k` is the value of the int64 input `k` of shape `[1]`.
 */
export function extents(dims: readonly Dim[]): Tensor<"int64"> {
  return tensor("int64", [dims.length], { kind: "extents", dims: dims.map(canonical) });
}
