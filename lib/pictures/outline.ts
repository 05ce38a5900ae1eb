import { constantKey } from "../graph/constant_key.ts";
import { showShape } from "../graph/dim.ts";
import { nodesBefore } from "../graph/op.ts";
import type { ConstantData, Node, Subgraph, Tensor, TensorType } from "../graph/tensor.ts";

/** What a box of an outline stands for. */
export type BoxKind = "input" | "weight" | "constant" | "op" | "output";

export interface Box {
  readonly id: string;
  readonly kind: BoxKind;
  /** What it is called, and what more there is to say of it. */
  readonly lines: readonly string[];
}

/** A tensor on its way from one box to another. */
export interface Edge {
  readonly from: string;
  readonly to: string;
  /** Its type, where the box that it comes from does not say it. */
  readonly label?: string;
  /** Whether it is carried to the next turn of a loop. */
  readonly back?: boolean;
}

/** Boxes that belong together: a whole graph, or the body of a loop. */
export interface Group {
  readonly title: string;
  readonly boxes: readonly Box[];
  readonly groups: readonly Group[];
}

/** A graph as it is drawn. */
export interface Outline extends Group {
  readonly edges: readonly Edge[];
}

/**
 * The boxes and edges of the graph that computes the given tensors. Equal nodes are one box, as they are written once;
 * a constant is drawn wherever it is used, and an input that is used often more than once.
 */
export function outlineOf(outputs: Readonly<Record<string, Tensor>>): Outline {
  const outliner = new Outliner("");
  outliner.nodes(Object.values(outputs));
  for (const [name, tensor] of Object.entries(outputs)) outliner.output(name, tensor);
  return outliner;
}

/**
 * How far the results of single boxes reach: over all edges, the sum of the levels from the first box that a result
 * goes to. The time to draw a graph grows with it faster than with the number of its boxes.
 */
export function reachOf({ edges }: Outline): number {
  const forward = edges.filter(({ back }) => !back);
  const levels = new Map<string, number>();
  const levelOf = (id: string) => levels.get(id) ?? 0;
  // an edge stands after those of the boxes before it
  for (const { from, to } of forward) levels.set(to, Math.max(levelOf(to), levelOf(from) + 1));
  const nearest = new Map<string, number>();
  for (const { from, to } of forward) {
    nearest.set(from, Math.min(nearest.get(from) ?? Infinity, levelOf(to)));
  }
  return forward.reduce((sum, { from, to }) => sum + levelOf(to) - nearest.get(from)!, 0);
}

/** An element type and a shape, as in `float32 [batch, 4]`. */
export function typeText({ dtype, shape }: TensorType): string {
  return `${dtype} ${showShape(shape)}`;
}

/** A box of an input has no more edges than these: one that is used all over a graph is drawn again. */
const mostEdges = 3;

/** What the bodies of loops have in common with the graph around them. */
class Shared {
  readonly edges: Edge[] = [];
  /** Large constants, in the order in which they were met. */
  readonly arrays: ConstantData[] = [];
  #boxes = 0;

  freshId(): string {
    return `box${this.#boxes++}`;
  }
}

class Outliner implements Outline {
  readonly title: string;
  readonly boxes: Box[] = [];
  readonly groups: Group[] = [];
  readonly #shared: Shared;
  readonly #around?: Outliner;
  /** Ids of the boxes that the outputs of a node come from. */
  readonly #boxesOf = new Map<Node, readonly string[]>();
  /** The same by what a node computes, to find equal ones. */
  readonly #known = new Map<string, readonly string[]>();
  readonly #inputs = new Map<string, { id: string; uses: number }>();
  /** Boxes of what a loop's body is given, by their sources. */
  readonly #given = new Map<Tensor["source"], string>();

  constructor(title: string, around?: Outliner) {
    this.title = title;
    this.#around = around;
    this.#shared = around ? around.#shared : new Shared();
  }

  get edges(): Edge[] {
    return this.#shared.edges;
  }

  nodes(outputs: readonly Tensor[]): void {
    for (const node of nodesBefore(...outputs)) {
      const { body, ...attributes } = node.attributes as { body?: Subgraph };
      const key = JSON.stringify([node.op.name, node.inputs.map((x) => this.#key(x)), attributes]);
      const known = body ? undefined : this.#known.get(key);
      const boxes = known ?? (body ? this.#loop(node, body) : this.#op(node, attributes));
      this.#known.set(key, boxes);
      this.#boxesOf.set(node, boxes);
    }
  }

  output(name: string, tensor: Tensor): void {
    this.edges.push({
      from: this.#origin(tensor),
      to: this.#box("output", name, typeText(tensor)),
    });
  }

  #op(node: Node, attributes: object): string[] {
    const settings = Object.entries(attributes)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${name}=${value}`);
    const id = this.#box("op", node.op.name, ...settings);
    for (const x of node.inputs) if (x) this.#connect(x, id);
    return node.outputs.map(() => id);
  }

  /** A loop is the group of its body's boxes. The first of its inputs is the number of turns, of its results whether to go on. */
  #loop(node: Node, body: Subgraph): string[] {
    const inner = new Outliner("Loop (dashed: to the next turn)", this);
    this.groups.push(inner);
    const names = ["turn", "goes on", ...body.inputs.slice(2).map((_, i) => `carried ${i + 1}`)];
    const formal = body.inputs.map((x, i) => {
      // whether to go on is asked at the end of a turn
      if (i === 1) return "";
      const id = inner.#box("input", names[i], typeText(x));
      inner.#given.set(x.source, id);
      return id;
    });
    node.inputs.forEach((x, i) => {
      if (x) this.#connect(x, formal[i], i === 0 ? "turns, at most" : undefined);
    });
    inner.nodes(body.outputs);
    const [goesOn, ...results] = body.outputs;
    inner.output("goes on", goesOn);
    const boxes = results.map((x) => inner.#boxesOf.get((x.source as { node: Node }).node)![0]);
    formal.slice(2).forEach((to, i) => {
      this.edges.push({ from: boxes[i], to, back: true });
    });
    return boxes;
  }

  #box(kind: BoxKind, ...lines: readonly string[]): string {
    const id = this.#shared.freshId();
    this.boxes.push({ id, kind, lines });
    return id;
  }

  #connect(tensor: Tensor, to: string, label = labelOf(tensor)): void {
    this.edges.push({ from: this.#origin(tensor), to, ...(label && { label }) });
  }

  /** The box that a tensor comes from, made where it is met first. */
  #origin(tensor: Tensor): string {
    const { source } = tensor;
    switch (source.kind) {
      case "node":
        return this.#boxesOf.get(source.node)![source.output];
      case "constant":
        return this.#box("constant", ...constantLines(tensor, source.data));
      case "extents":
        return this.#box("constant", showShape(source.dims), "int64, the extents");
      case "input":
        return this.#given.get(source) ?? this.#input("input", source.name, tensor);
      case "weight": {
        // a folder may be part of the name
        const prefix = `${source.region.path}:`;
        const { name } = source;
        const shown = name.startsWith(prefix) ? name.slice(prefix.length) : name;
        return this.#input("weight", shown, tensor);
      }
    }
  }

  /** Inputs and weights are the whole graph's. */
  #input(kind: "input" | "weight", name: string, tensor: Tensor): string {
    if (this.#around) return this.#around.#origin(tensor);
    const key = this.#key(tensor);
    const known = this.#inputs.get(key);
    if (known && known.uses < mostEdges) {
      known.uses++;
      return known.id;
    }
    const id = this.#box(kind, name, typeText(tensor));
    this.#inputs.set(key, { id, uses: 1 });
    return id;
  }

  /** Equal for tensors that hold the same. */
  #key(tensor: Tensor | undefined): string {
    if (!tensor) return "";
    const { source, dtype, shape } = tensor;
    switch (source.kind) {
      case "node":
        return `${this.#boxesOf.get(source.node)![source.output]} ${source.output}`;
      case "constant": {
        const { data } = source;
        const key = constantKey({ dtype, shape }, data);
        if (key !== undefined) return key;
        const { arrays } = this.#shared;
        if (!arrays.includes(data)) arrays.push(data);
        return `constant ${arrays.indexOf(data)}`;
      }
      case "extents":
        return `extents ${source.dims}`;
      case "input":
      case "weight":
        return `${source.kind} ${source.name}`;
    }
  }
}

/** The type of what a node gives; all other boxes say their own. */
function labelOf(tensor: Tensor): string | undefined {
  const { source } = tensor;
  if (source.kind !== "node") return undefined;
  const several = source.node.outputs.length > 1;
  return several ? `${source.output + 1}: ${typeText(tensor)}` : typeText(tensor);
}

/** A few values themselves, of many the type only. */
function constantLines({ dtype, shape }: TensorType, data: ConstantData): string[] {
  if (data.length > 4) return ["constant", typeText({ dtype, shape })];
  const values = Array.from(
    data as ArrayLike<number | bigint>,
    (x) => typeof x === "bigint" ? `${x}` : `${Number(x.toPrecision(6))}`,
  );
  return [shape.length === 0 ? values[0] : `[${values.join(", ")}]`, dtype];
}
