import { type Dim, evaluate, sizeOf } from "./dim.ts";
import { executionOrder } from "./execution_order.ts";
import { bytesPerElement, type Node, type Tensor } from "./tensor.ts";
import { views } from "./views.ts";

/** A stretch of memory that a result takes. */
interface Buffer {
  readonly bytes: number;
  /** The last node that reads it. */
  lastRead: number;
}

/**
 * The most bytes that the results of a graph's nodes take at once when it is run: nodes in the order in which they are run, each
 * result from its node to the last that reads it, equal nodes once. What is fed, and what follows from weights and constants
 * alone, does not count.
 *
 * @param outputs what the graph gives back, alive to the end.
 * @param sizes of the names in shapes, such as `batch`.
 * @param elsewhere outputs that are written into memory that the caller has.
 * @returns undefined if a shape has a name without a size.
 */
export function workingMemory(
  outputs: readonly Tensor[],
  sizes: ReadonlyMap<Dim, number>,
  elsewhere: ReadonlySet<Tensor> = new Set(),
): number | undefined {
  const plan = planOf(outputs, sizes, elsewhere);
  if (!plan) return undefined;
  let [alive, peak] = [0, 0];
  plan.forEach(({ reads, writes }, at) => {
    for (const { bytes } of writes) alive += bytes;
    peak = Math.max(peak, alive);
    for (const buffer of new Set([...reads, ...writes])) {
      if (buffer.lastRead === at) alive -= buffer.bytes;
    }
  });
  return peak;
}

/** What a node does with memory. */
interface Step {
  readonly reads: readonly Buffer[];
  readonly writes: readonly Buffer[];
}

function planOf(
  outputs: readonly Tensor[],
  sizes: ReadonlyMap<Dim, number>,
  elsewhere: ReadonlySet<Tensor>,
): Step[] | undefined {
  /** What each result is, by number: equal ones have one. */
  const numbers = new Map<Tensor, number | string>();
  const known = new Map<string, readonly Tensor[]>();
  /** Absent of what is fed or does not depend on it. */
  const buffers = new Map<Tensor, Buffer>();
  const varies = new Set<Tensor>();
  const plan: Step[] = [];
  let count = 0;

  const numberOf = (x: Tensor | undefined): number | string => {
    if (x === undefined) return "";
    if (x.source.kind === "input" || x.source.kind === "weight") return x.source.name;
    if (!numbers.has(x)) numbers.set(x, count++);
    return numbers.get(x)!;
  };
  const isFixed = (x: Tensor | undefined) =>
    x === undefined || x.source.kind === "weight" || x.source.kind === "constant" ||
    x.source.kind === "node" && !varies.has(x);

  for (const node of executionOrder(outputs)) {
    const key = keyOf(node, numberOf);
    const same = known.get(key);
    node.outputs.forEach((y, i) => {
      numbers.set(y, same ? numbers.get(same[i])! : count++);
      const buffer = same && buffers.get(same[i]);
      if (buffer) buffers.set(y, buffer);
      if (same && varies.has(same[i])) varies.add(y);
    });
    if (same) continue;
    known.set(key, node.outputs);
    if (node.inputs.every(isFixed)) continue;
    for (const y of node.outputs) varies.add(y);
    const reads = node.inputs.flatMap((x) => (x && buffers.get(x)) ?? []);
    for (const buffer of reads) buffer.lastRead = plan.length;
    const writes: Buffer[] = [];
    for (const y of node.outputs) {
      const viewed = views.has(node.op.name) ? buffers.get(node.inputs[0]!) : undefined;
      if (viewed) buffers.set(y, viewed);
      if (views.has(node.op.name)) continue;
      const elements = evaluate(sizeOf(y.shape), sizes);
      if (elements === undefined) return undefined;
      const bytes = elsewhere.has(y) ? 0 : elements * bytesPerElement[y.dtype];
      const buffer = { bytes, lastRead: plan.length };
      buffers.set(y, buffer);
      writes.push(buffer);
    }
    plan.push({ reads, writes });
  }
  for (const output of outputs) {
    const buffer = buffers.get(output);
    if (buffer) buffer.lastRead = Infinity;
  }
  return plan;
}

function keyOf(node: Node, numberOf: (x: Tensor | undefined) => number | string): string {
  return JSON.stringify([node.op.domain, node.op.name, node.attributes, node.inputs.map(numberOf)]);
}
