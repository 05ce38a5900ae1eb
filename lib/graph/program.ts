import { create, toBinary } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { displayedAs } from "../notebook/display.ts";
import { drawnGraph } from "../notebook/graph_drawing.ts";
import { constantKey } from "./constant_key.ts";
import { type Dim, namesOf, polynomialOf, sameShape, type Shape } from "./dim.ts";
import { type HalfBy, inHalf } from "./half.ts";
import { nodesBefore } from "./op.ts";
import { isPrepared, preparedExtents, preparedKey } from "./prepared.ts";
import {
  type AttributeKind,
  type AttributeValues,
  type ConstantData,
  type DType,
  type FileRegion,
  input,
  type Node,
  type Subgraph,
  type Tensor,
  type TensorType,
} from "./tensor.ts";
import { onnxType } from "./ops/cast.ts";

/** The ONNX release that all graphs are written for: IR version and opset of ONNX 1.19. */
export const irVersion = 11n;
export const opsetVersion = 23n;
/** The opset of models for a GPU: WebGPU's provider has the sine and cosine of no later one. All ops are the same in both. */
const deviceOpsetVersion = 21n;

/** A model for a GPU, and what is made of its inputs and their shapes in memory, before it runs. */
export interface DeviceModel {
  readonly model: Uint8Array;
  /** What it takes of the program's inputs. */
  readonly inputs: ReadonlySet<string>;
  /** What it takes beside those, by name. */
  readonly prepared: ReadonlyMap<string, Tensor>;
}

/** A graph ready for a session: an ONNX model and what it takes and returns. */
export interface Program {
  /** The model with ONNX Runtime's own ops, for its CPU and CUDA providers. */
  readonly model: Uint8Array;
  /** The same model by standard ops only, for other providers; written when asked for. */
  readonly portable: () => Uint8Array;
  /**
   * The model for a GPU, written when asked for. Execution providers leave what is computed of shapes and token ids to the CPU, and
   * copy between; here `isPrepared` in `prepared.ts` says what is computed before a run, and fed. Loops still compute what changes
   * from turn to turn.
   *
   * @param ops which: ONNX Runtime's own, or standard ones.
   */
  readonly onDevice: (ops: "own" | "portable") => DeviceModel;
  /** The program in half precision, where that does no harm; written when asked for. */
  readonly inHalf: (by: HalfBy) => Program;
  readonly inputs: ReadonlyMap<string, TensorType>;
  readonly outputs: ReadonlyMap<string, Tensor>;
  /** The folder that the locations of external weights are relative to; absent if there are none. */
  readonly weightsFolder?: string;
}

/**
 * Writes the graph that computes `outputs` as an ONNX model. Its inputs are those that the outputs depend
 * on. Equal nodes and constants are written once; weights are referred to in their files, never copied.
 *
 * @example Build, differentiate, run
 * ```ts
 * import { compile, floats, gradients, input, openDevice, ops, Session } from "armature";
 *
 * const x = input("x", "float32", ["batch", 2]);
 * const w = input("w", "float32", [2, 1]);
 * const loss = ops.sumAll(ops.square(ops.matmul(x, w)));
 * const [slope] = gradients(loss, [w]);
 * await using session = await Session.open(compile({ loss, slope }), await openDevice("cpu"));
 * const feeds = { x: floats([1, 2], Float32Array.of(3, 4)), w: floats([2, 1], Float32Array.of(1, 1)) };
 * const results = await session.run(feeds);
 * console.log(results.loss.data, results.slope.data); // 49, and 2 (x w) x = 42, 56
 * ```
 *
 * @param outputs name → tensor; a tensor may be given under one name only.
 * @throws {TypeError} if two different inputs or weights have one name, an output has the name of an input,
 *   or is not computed by the graph.
 * @throws {RangeError} if a shape uses an extent that no input has.
 */
export function compile(outputs: Readonly<Record<string, Tensor>>): Program {
  const portable = () => new Compiler(outputs, new Common({ portable: true })).program().model;
  const onDevice = (ops: "own" | "portable"): DeviceModel => {
    const common = new Common({ portable: ops === "portable", prepares: true });
    const { model, inputs } = new Compiler(outputs, common).program();
    return { model, inputs: new Set(inputs.keys()), prepared: common.prepared };
  };
  const half = (by: HalfBy): Program => compile(inHalf(outputs, by));
  const program: Program = {
    ...new Compiler(outputs, new Common({})).program(),
    portable,
    onDevice,
    inHalf: half,
  };
  return displayedAs(program, () => drawnGraph(outputs));
}

/** What a graph and the graphs within it have in common. */
class Common {
  readonly initializers: TensorProto[] = [];
  readonly inputs = new Map<string, Tensor>();
  readonly weights = new Map<string, { tensor: Tensor; region: FileRegion }>();
  /** Small constants that were already written, by what they hold → name. */
  readonly constants = new Map<string, string>();
  /** What is computed before a run. */
  readonly prepared = new Map<string, Tensor>();
  readonly portable: boolean;
  readonly prepares: boolean;
  #counter = 0;

  constructor({ portable = false, prepares = false }) {
    this.portable = portable;
    this.prepares = prepares;
  }

  fresh(base: string): string {
    return `${base}.${this.#counter++}`;
  }
}

class Compiler {
  readonly #outputs: Readonly<Record<string, Tensor>>;
  readonly #nodes: NodeProto[] = [];
  readonly #common: Common;
  /** What a graph within a graph is given by the node that holds it; all other inputs are the whole graph's. */
  readonly #given: readonly Tensor[];
  /** Where an extent's name can be read off when the graph runs. */
  readonly #extentSources = new Map<string, { input: string; axis: number }>();
  /** What was already written, by what it computes → names of its results. */
  readonly #written = new Map<string, readonly string[]>();
  readonly #names = new Map<Node, readonly string[]>();
  readonly #outputNames = new Map<Node, Map<number, string>>();
  /** Whether values are computed before a run: of the whole graph only, as within a loop they change from turn to turn. */
  readonly #prepares: boolean;

  constructor(
    outputs: Readonly<Record<string, Tensor>>,
    common: Common,
    given: readonly Tensor[] = [],
  ) {
    this.#outputs = outputs;
    this.#common = common;
    this.#prepares = common.prepares && given.length === 0;
    this.#given = given;
  }

  program(): Omit<Program, "portable" | "onDevice" | "inHalf"> {
    this.#writeNodes();
    const weightsFolder = this.#writeWeights();
    const read = this.#prepares ? namesReadBy(this.#nodes) : undefined;
    const inputs = [...this.#common.inputs].filter(([name]) => read?.has(name) ?? true)
      .sort(byName);
    for (const [name] of inputs) {
      if (Object.hasOwn(this.#outputs, name)) {
        throw new TypeError(`compile: ${name} is the name of an input and of an output.`);
      }
    }
    const model = create(ModelProtoSchema, {
      irVersion,
      opsetImport: [
        create(OperatorSetIdProtoSchema, {
          domain: "",
          version: this.#prepares ? deviceOpsetVersion : opsetVersion,
        }),
        create(OperatorSetIdProtoSchema, { domain: "com.microsoft", version: 1n }),
      ],
      producerName: "armature",
      graph: create(GraphProtoSchema, {
        name: "armature",
        node: this.#nodes,
        initializer: this.#common.initializers,
        input: [
          ...inputs.map(([name, tensor]) => valueInfo(name, tensor)),
          ...[...this.#common.prepared].map(([name, tensor]) => valueInfo(name, tensor)),
        ],
        output: Object.entries(this.#outputs).map(([name, tensor]) => valueInfo(name, tensor)),
      }),
    });
    return {
      model: toBinary(ModelProtoSchema, model),
      inputs: new Map(inputs),
      outputs: new Map(Object.entries(this.#outputs)),
      weightsFolder,
    };
  }

  /** A graph within this one. Its weights and constants are the whole graph's. */
  #subgraph({ inputs, outputs }: Subgraph): GraphProto {
    const named = Object.fromEntries(outputs.map((x) => [this.#common.fresh("result"), x]));
    const inner = new Compiler(named, this.#common, inputs);
    inner.#writeNodes();
    return create(GraphProtoSchema, {
      name: this.#common.fresh("body"),
      node: inner.#nodes,
      input: inputs.map((x) => valueInfo(nameOf(x), x)),
      output: Object.entries(named).map(([name, x]) => valueInfo(name, x)),
    });
  }

  #writeNodes(): void {
    const nodes = nodesBefore(...Object.values(this.#outputs));
    const own = new Map(this.#given.map((x) => [nameOf(x), x]));
    for (const node of nodes) node.inputs.forEach((x) => x && this.#collect(x, own));
    for (const [name, { source }] of Object.entries(this.#outputs)) {
      if (source.kind !== "node") {
        throw new TypeError(`compile: output ${name} is not computed by the graph.`);
      }
      const names = this.#outputNames.get(source.node) ?? new Map<number, string>();
      if (names.has(source.output)) {
        throw new TypeError(
          `compile: outputs ${names.get(source.output)} and ${name} are one tensor; name it once.`,
        );
      }
      this.#outputNames.set(source.node, names.set(source.output, name));
    }
    // an extent within a graph is that of what the graph itself is given, where it has one of that name
    for (const [name, { shape }] of [...own, ...[...this.#common.inputs].sort(byName)]) {
      shape.forEach((dim, axis) => {
        if (typeof dim === "string" && !this.#extentSources.has(dim)) {
          this.#extentSources.set(dim, { input: name, axis });
        }
      });
    }
    for (const node of nodes) {
      if (!this.#isPrepared(node.outputs[0])) this.#names.set(node, this.#write(node));
    }
  }

  #collect(tensor: Tensor, own: ReadonlyMap<string, Tensor>): void {
    const { source } = tensor;
    if (source.kind !== "input") return;
    if (own.get(source.name)?.source === source) return;
    const known = this.#common.inputs.get(source.name);
    if (known && known.source !== source) {
      throw new TypeError(`compile: two different inputs are named ${source.name}.`);
    }
    this.#common.inputs.set(source.name, tensor);
  }

  #write(node: Node): readonly string[] {
    if (this.#common.portable && node.op.portable) return this.#writePortable(node);
    const inputs = node.inputs.map((x) => x ? this.#name(x) : "");
    const attributes = Object.entries(node.attributes);
    const holdsGraph = attributes.some(([name]) => node.op.attributes[name] === "graph");
    const key = holdsGraph
      ? this.#common.fresh("graph")
      : JSON.stringify([node.op.domain, node.op.name, inputs, attributes]);
    const own = this.#outputNames.get(node);
    const known = this.#written.get(key);
    if (known && !own) return known;
    const outputs = node.outputs.map((_, i) => own?.get(i) ?? this.#common.fresh(node.op.name));
    if (!known) this.#written.set(key, outputs);
    this.#nodes.push(create(NodeProtoSchema, {
      name: outputs[0],
      opType: node.op.name,
      domain: node.op.domain ?? "",
      input: inputs,
      output: [...outputs],
      attribute: attributes.map(([name, value]) => {
        const kind = node.op.attributes[name];
        return attribute(name, kind, kind === "graph" ? this.#subgraph(value as Subgraph) : value!);
      }),
    }));
    return outputs;
  }

  /** Writes what an op of ONNX Runtime's own stands for. */
  #writePortable(node: Node): readonly string[] {
    const outputs = [node.op.portable!(node)].flat();
    const own = this.#outputNames.get(node);
    outputs.forEach(({ source }, i) => {
      if (source.kind !== "node") {
        throw new TypeError(`compile: ${node.op.name} stands for no node.`);
      }
      const name = own?.get(i);
      if (name !== undefined) this.#outputNames.set(source.node, new Map([[source.output, name]]));
    });
    for (const part of nodesBefore(...outputs)) {
      if (this.#names.has(part) || this.#isPrepared(part.outputs[0])) continue;
      this.#names.set(part, this.#write(part));
    }
    return outputs.map((output) => this.#name(output));
  }

  #name(tensor: Tensor): string {
    const { source } = tensor;
    if (this.#isPrepared(tensor)) return this.#prepared(tensor);
    switch (source.kind) {
      case "input":
        return source.name;
      case "node":
        return this.#names.get(source.node)![source.output];
      case "constant":
        return this.#constant(tensor.dtype, tensor.shape, source.data);
      case "extents":
        return this.#extents(source.dims);
      case "weight":
        return this.#weight(tensor, source.name, source.region);
    }
  }

  #weight(tensor: Tensor, name: string, region: FileRegion): string {
    const known = this.#common.weights.get(name) ?? { tensor, region };
    const same = known.region.path === region.path && known.region.offset === region.offset &&
      sameShape(known.tensor.shape, tensor.shape) && known.tensor.dtype === tensor.dtype;
    if (!same) throw new TypeError(`compile: two different weights are named ${name}.`);
    this.#common.weights.set(name, known);
    return name;
  }

  #once(key: readonly unknown[], write: () => string): string {
    const text = JSON.stringify(key);
    const known = this.#written.get(text);
    if (known) return known[0];
    const name = write();
    this.#written.set(text, [name]);
    return name;
  }

  #constant(dtype: DType, shape: Shape, data: ConstantData): string {
    const write = () => {
      const name = this.#common.fresh("constant");
      this.#common.initializers.push(create(TensorProtoSchema, {
        name,
        dims: shape.map(BigInt),
        dataType: onnxType[dtype],
        rawData: new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength),
      }));
      return name;
    };
    const key = constantKey({ dtype, shape }, data);
    if (key === undefined) return write();
    const name = this.#common.constants.get(key) ?? write();
    this.#common.constants.set(key, name);
    return name;
  }

  /** Whether a value is computed before a run; what is given out is not. */
  #isPrepared(x: Tensor): boolean {
    return this.#prepares && isPrepared(x) &&
      !(x.source.kind === "node" && this.#outputNames.has(x.source.node));
  }

  /** The name under which such a value is fed. */
  #prepared(x: Tensor): string {
    const fed = x.source.kind === "extents" && x.source.dims.length === 1 && x.source.dims[0];
    if (fed && /^\$\w+$/.test(`${fed}`)) return this.#axisExtent(`${fed}`);
    for (const name of preparedExtents(x)) if (name.startsWith("$")) this.#axisExtent(name);
    return this.#once(["prepared", preparedKey(x)], () => {
      const name = this.#common.fresh("prepared");
      this.#common.prepared.set(name, x);
      return name;
    });
  }

  /** Reads extents off the shapes of inputs, with a little arithmetic where they are expressions. */
  #extents(dims: readonly Dim[]): string {
    if (dims.every((dim) => typeof dim === "number")) {
      return this.#constant("int64", [dims.length], BigInt64Array.from(dims, BigInt));
    }
    if (dims.length === 1) return this.#extent(dims[0]);
    const parts = dims.map((dim) => this.#extent(dim));
    return this.#node("Concat", parts, [attribute("axis", "int", 0)]);
  }

  #extent(dim: Dim): string {
    const terms = [...polynomialOf(dim)].map(([monomial, coefficient]) => {
      const factors = namesOf(monomial).map((name) => this.#axisExtent(name));
      if (coefficient !== 1 || factors.length === 0) {
        factors.push(this.#constant("int64", [1], BigInt64Array.of(BigInt(coefficient))));
      }
      return factors.reduce((a, b) => this.#node("Mul", [a, b]));
    });
    if (terms.length === 0) return this.#constant("int64", [1], BigInt64Array.of(0n));
    return terms.reduce((a, b) => this.#node("Add", [a, b]));
  }

  #axisExtent(name: string): string {
    if (name.startsWith("$")) {
      const fed = name.slice(1);
      this.#common.inputs.set(fed, input(fed, "int64", [1]));
      return fed;
    }
    const source = this.#extentSources.get(name);
    if (!source) {
      throw new RangeError(
        `compile: extent ${name} is used, but no input of the graph has an axis of that name.`,
      );
    }
    return this.#node("Shape", [source.input], [
      attribute("start", "int", source.axis),
      attribute("end", "int", source.axis + 1),
    ]);
  }

  #node(opType: string, input: string[], attributes: AttributeProto[] = []): string {
    const key = [opType, input, ...attributes.map(({ name, i }) => [name, String(i)])];
    return this.#once(key, () => {
      const name = this.#common.fresh(opType);
      this.#nodes.push(
        create(NodeProtoSchema, { name, opType, input, output: [name], attribute: attributes }),
      );
      return name;
    });
  }

  #writeWeights(): string | undefined {
    if (this.#common.weights.size === 0) return undefined;
    const folder = commonFolder(
      [...this.#common.weights.values()].map(({ region }) => region.path),
    );
    for (const [name, { tensor, region }] of this.#common.weights) {
      const entries = {
        location: region.path.slice(folder.length + 1).replaceAll("\\", "/"),
        offset: String(region.offset),
        length: String(region.byteLength),
      };
      this.#common.initializers.push(create(TensorProtoSchema, {
        name,
        dims: tensor.shape.map(BigInt),
        dataType: onnxType[tensor.dtype],
        dataLocation: TensorProto_DataLocation.EXTERNAL,
        externalData: Object.entries(entries).map(([key, value]) =>
          create(StringStringEntryProtoSchema, { key, value })
        ),
      }));
    }
    return folder;
  }
}

/** What nodes read, those of graphs within them included. */
function namesReadBy(nodes: readonly NodeProto[]): Set<string> {
  return new Set(nodes.flatMap(({ input, attribute }) => [
    ...input,
    ...attribute.flatMap(({ g }) => g ? [...namesReadBy(g.node)] : []),
  ]));
}

const byName = ([a]: [string, Tensor], [b]: [string, Tensor]): number => a < b ? -1 : 1;

/** The deepest folder that holds all the given absolute paths. */
function commonFolder(paths: readonly string[]): string {
  const folders = paths.map((path) => path.split(/[/\\]/).slice(0, -1));
  const depth = folders[0].findIndex((part, i) => folders.some((folder) => folder[i] !== part));
  const length = folders[0].slice(0, depth < 0 ? undefined : depth).join("/").length;
  return paths[0].slice(0, length);
}

function valueInfo(name: string, { dtype, shape }: TensorType): ValueInfoProto {
  const dim = shape.map((extent) =>
    create(TensorShapeProto_DimensionSchema, {
      value: typeof extent === "number"
        ? { case: "dimValue", value: BigInt(extent) }
        : { case: "dimParam", value: extent },
    })
  );
  return create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, {
      value: {
        case: "tensorType",
        value: create(TypeProto_TensorSchema, {
          elemType: onnxType[dtype],
          shape: create(TensorShapeProtoSchema, { dim }),
        }),
      },
    }),
  });
}

/** @param value of the kind's type; a graph is given as it is written. */
function attribute(
  name: string,
  kind: AttributeKind,
  value: AttributeValues[AttributeKind] | GraphProto,
): AttributeProto {
  switch (kind) {
    case "int":
      return create(AttributeProtoSchema, {
        name,
        type: AttributeProto_AttributeType.INT,
        i: BigInt(value as number),
      });
    case "ints":
      return create(AttributeProtoSchema, {
        name,
        type: AttributeProto_AttributeType.INTS,
        ints: (value as readonly number[]).map(BigInt),
      });
    case "float":
      return create(AttributeProtoSchema, {
        name,
        type: AttributeProto_AttributeType.FLOAT,
        f: value as number,
      });
    case "string":
      return create(AttributeProtoSchema, {
        name,
        type: AttributeProto_AttributeType.STRING,
        s: new TextEncoder().encode(value as string),
      });
    case "graph":
      return create(AttributeProtoSchema, {
        name,
        type: AttributeProto_AttributeType.GRAPH,
        g: value as GraphProto,
      });
  }
}

/** The name of an input. */
function nameOf({ source }: Tensor): string {
  if (source.kind !== "input") {
    throw new TypeError("compile: a graph within a graph is given inputs.");
  }
  return source.name;
}
