import { nodesBefore } from "./op.ts";
import type { Node, Tensor } from "./tensor.ts";

/**
 * The nodes of a graph in the order in which ONNX Runtime runs them: from what was written last, it goes back to what that needs,
 * last written first. So a result that nothing needs soon is computed late, and a parameter's next value as soon as its gradient is.
 *
 * @param outputs in the order in which they are written.
 */
export function executionOrder(outputs: readonly Tensor[]): Node[] {
  const written = nodesBefore(...outputs);
  const index = new Map(written.map((node, i) => [node, i]));
  const needs = (node: Node): Node[] => {
    const nodes = new Set<Node>();
    for (const x of node.inputs) if (x?.source.kind === "node") nodes.add(x.source.node);
    return [...nodes].sort((a, b) => index.get(a)! - index.get(b)!);
  };
  const needed = new Set(written.flatMap(needs));
  const order: Node[] = [];
  const seen = new Set<Node>();
  const stack: { node: Node; done: boolean }[] = written
    .filter((node) => !needed.has(node))
    .map((node) => ({ node, done: false }));
  while (stack.length > 0) {
    const { node, done } = stack.pop()!;
    if (done) order.push(node);
    if (done || seen.has(node)) continue;
    seen.add(node);
    stack.push({ node, done: true });
    for (const before of needs(node)) {
      if (!seen.has(before)) stack.push({ node: before, done: false });
    }
  }
  return order;
}
