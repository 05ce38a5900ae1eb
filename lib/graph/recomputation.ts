import { sizeOf } from "./dim.ts";
import { apply } from "./op.ts";
import { add, mul } from "./ops/arithmetic.ts";
import { slice } from "./ops/concat.ts";
import { reshape } from "./ops/reshape.ts";
import type { FloatType, Node, Tensor } from "./tensor.ts";

type Float = Tensor<FloatType>;

/**
 * What a gradient needs of the way to a loss, computed once more when it is its turn, so that it need not be kept until then
 * (Chen et al., "Training deep nets with sublinear memory cost", 2016). The way is cut where everything goes through one tensor,
 * as between the branches of a transformer's blocks; these tensors are kept.
 */
export class Recomputation {
  /** The tensor that each node's stretch of the way begins with, and the one that it ends with. */
  readonly #stretches = new Map<Node, Stretch>();
  readonly #again = new Map<Node, Node>();

  /**
   * @param nodes on the way to the loss, each after those that it depends on.
   * @param reached what depends on that whose gradients are asked for.
   */
  constructor(nodes: readonly Node[], reached: ReadonlySet<Tensor>) {
    const way = nodes.filter(({ outputs }) => outputs.some((y) => reached.has(y)));
    const readers = new Map<Tensor, number>();
    for (const x of way.flatMap(({ inputs }) => [...new Set(inputs)])) {
      if (x && reached.has(x)) readers.set(x, (readers.get(x) ?? 0) + 1);
    }
    const alive = new Map<Tensor, number>();
    const cuts: { readonly at: number; readonly through: Tensor }[] = [];
    way.forEach((node, at) => {
      for (const x of new Set(node.inputs)) {
        const left = x && alive.get(x);
        if (left === 1) alive.delete(x!);
        else if (left !== undefined) alive.set(x!, left - 1);
      }
      for (const y of node.outputs) if (readers.has(y)) alive.set(y, readers.get(y)!);
      const [through] = alive.keys();
      if (alive.size === 1) cuts.push({ at, through });
    });
    streamOf(cuts).forEach(({ at, through: to }, i, stream) => {
      if (i === 0) return;
      const { at: before, through: from } = stream[i - 1];
      const nodes = way.slice(before + 1, at + 1);
      if (nodes.length === 1) return;
      for (const node of nodes) this.#stretches.set(node, { from, to, nodes });
    });
  }

  /**
   * The node whose inputs and outputs its gradient is to use.
   *
   * @param adjoints of tensors, complete for all that comes after the node's stretch of the way.
   */
  of(node: Node, adjoints: ReadonlyMap<Tensor, Float>): Node {
    const stretch = this.#stretches.get(node);
    if (!stretch) return node;
    if (!this.#again.has(node)) this.#repeat(stretch, adjoints.get(stretch.to));
    return this.#again.get(node) ?? node;
  }

  /** Writes a stretch down once more, from a copy of its first tensor that is there only when the last one's gradient is. */
  #repeat({ from, nodes }: Stretch, slope: Float | undefined): void {
    if (!slope) return;
    const first = slope.shape.reduce<Float>((x, _, axis) => slice(x, axis, 0, 1), slope);
    const later = add(from as Float, mul(reshape(first, []), 0));
    const copies = new Map<Tensor, Tensor>([[from, later]]);
    for (const node of nodes) {
      const inputs = node.inputs.map((x) => x && (copies.get(x) ?? x));
      const outputs = apply(node.op, inputs, node.attributes);
      node.outputs.forEach((y, i) => copies.set(y, outputs[i]));
      this.#again.set(node, { ...node, inputs, outputs });
    }
  }
}

/**
 * The cuts through the stream of hidden states: tensors of the size that most of them have. What is wider, as logits are, is not
 * worth a copy.
 */
function streamOf<Cut extends { readonly through: Tensor }>(cuts: readonly Cut[]): readonly Cut[] {
  const bySize = Map.groupBy(cuts, ({ through }) => sizeOf(through.shape));
  return [...bySize.values()].reduce((most, each) => each.length > most.length ? each : most, []);
}

interface Stretch {
  readonly from: Tensor;
  readonly to: Tensor;
  readonly nodes: readonly Node[];
}
