import { create } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  type GraphProto,
  GraphProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
} from "onnx-buf";
import { constantKey } from "./constant_key.ts";
import { type Dim, namesOf, polynomialOf, type Shape } from "./dim.ts";
import { ExternalWeights } from "./external_weights.ts";
import {
  attributeProto,
  constantProto,
  deviceOpsetVersion,
  modelBytes,
  namesReadBy,
  opsetVersion,
  valueInfoProto,
} from "./onnx_protos.ts";
import { nodesBefore } from "./op.ts";
import { isPrepared, preparedExtents, preparedKey } from "./prepared.ts";
import {
  type ConstantData,
  type DType,
  input,
  type Node,
  type Subgraph,
  type Tensor,
  type TensorType,
} from "./tensor.ts";

/** An ONNX model with what it takes and returns. */
export interface CompiledGraph {
  readonly model: Uint8Array;
  readonly inputs: ReadonlyMap<string, TensorType>;
  readonly outputs: ReadonlyMap<string, Tensor>;
  /** The folder that the locations of external weights are relative to; absent if there are none. */
  readonly weightsFolder?: string;
}

/** What a graph and the graphs within it have in common. */
export class Common {
  readonly initializers: TensorProto[] = [];
  readonly inputs = new Map<string, Tensor>();
  readonly weights = new ExternalWeights();
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

/** Writes one graph, and those within it. */
export class Compiler {
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

  program(): CompiledGraph {
    this.#writeNodes();
    const weights = this.#common.weights.written();
    const read = this.#prepares ? namesReadBy(this.#nodes) : undefined;
    const inputs = [...this.#common.inputs].filter(([name]) => read?.has(name) ?? true)
      .sort(byName);
    for (const [name] of inputs) {
      if (Object.hasOwn(this.#outputs, name)) {
        throw new TypeError(`compile: ${name} is the name of an input and of an output.`);
      }
    }
    const model = modelBytes({
      opset: this.#prepares ? deviceOpsetVersion : opsetVersion,
      nodes: this.#nodes,
      initializers: [...this.#common.initializers, ...weights.protos],
      inputs: [...inputs, ...this.#common.prepared].map(([name, x]) => valueInfoProto(name, x)),
      outputs: Object.entries(this.#outputs).map(([name, x]) => valueInfoProto(name, x)),
    });
    return {
      model,
      inputs: new Map(inputs),
      outputs: new Map(Object.entries(this.#outputs)),
      weightsFolder: weights.folder,
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
      input: inputs.map((x) => valueInfoProto(nameOf(x), x)),
      output: Object.entries(named).map(([name, x]) => valueInfoProto(name, x)),
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
        return attributeProto(
          name,
          kind,
          kind === "graph" ? this.#subgraph(value as Subgraph) : value!,
        );
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
        this.#common.weights.add(tensor, source.name, source.region);
        return source.name;
    }
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
      this.#common.initializers.push(constantProto(name, { dtype, shape }, data));
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
    return this.#node("Concat", parts, [attributeProto("axis", "int", 0)]);
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
      attributeProto("start", "int", source.axis),
      attributeProto("end", "int", source.axis + 1),
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
}

const byName = ([a]: [string, Tensor], [b]: [string, Tensor]): number => a < b ? -1 : 1;

/** The name of an input. */
function nameOf({ source }: Tensor): string {
  if (source.kind !== "input") {
    throw new TypeError("compile: a graph within a graph is given inputs.");
  }
  return source.name;
}
