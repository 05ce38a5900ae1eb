import { nodesBefore } from "./op.ts";
import type { Node, Tensor } from "./tensor.ts";
import { views } from "./views.ts";

/**
 * The outputs that may be written where an input stands, because the graph computes them from everything that it reads of that
 * input: whatever the order in which a runtime goes through the graph, the input is then read for the last time before.
 *
 * @param outputs of a graph, by name.
 * @param replaced input → the output that takes its place.
 * @returns the inputs for which it holds.
 */
export function overwritable(
  outputs: ReadonlyMap<string, Tensor>,
  replaced: ReadonlyMap<string, string>,
): ReadonlySet<string> {
  const nodes = nodesBefore(...outputs.values());
  const order = new Map(nodes.map((node, i) => [node, i]));
  const readers = readersOf(nodes);
  const safe = new Set<string>();
  for (const [input, output] of replaced) {
    const source = outputs.get(output)?.source;
    if (source?.kind !== "node") continue;
    if (areBefore(readers.get(input) ?? [], source.node, order)) safe.add(input);
  }
  return safe;
}

/** Which nodes read each input, be it seen in another shape. */
function readersOf(nodes: readonly Node[]): Map<string, Node[]> {
  const seenAs = new Map<Tensor, string>();
  const readers = new Map<string, Node[]>();
  const nameOf = (x: Tensor | undefined) =>
    x?.source.kind === "input" ? x.source.name : x && seenAs.get(x);
  for (const node of nodes) {
    for (const name of new Set(node.inputs.map(nameOf))) {
      if (name === undefined) continue;
      if (!readers.has(name)) readers.set(name, []);
      readers.get(name)!.push(node);
    }
    const viewed = views.has(node.op.name) ? nameOf(node.inputs[0]) : undefined;
    if (viewed !== undefined) seenAs.set(node.outputs[0], viewed);
  }
  return readers;
}

/** Whether `last` depends on all of these nodes, and is none of them. */
function areBefore(
  these: readonly Node[],
  last: Node,
  order: ReadonlyMap<Node, number>,
): boolean {
  const missing = new Set(these);
  if (missing.has(last)) return false;
  const first = Math.min(...these.map((node) => order.get(node)!));
  const seen = new Set<Node>();
  const open = [last];
  while (missing.size > 0) {
    const node = open.pop();
    if (!node) return false;
    missing.delete(node);
    for (const x of node.inputs) {
      if (x?.source.kind !== "node") continue;
      const before = x.source.node;
      // what comes before all of them depends on none of them
      if (seen.has(before) || order.get(before)! < first) continue;
      seen.add(before);
      open.push(before);
    }
  }
  return true;
}
