import { apply, nodesBefore } from "./op.ts";
import { mul, sub } from "./ops/arithmetic.ts";
import { cast } from "./ops/cast.ts";
import type { Node, Subgraph, Tensor } from "./tensor.ts";

/** What half precision is made by: float16 itself, or float32 that is rounded to the numbers that float16 has, to see what it does. */
export type HalfBy = "float16" | "rounding";

/** Products take their operands in half precision. */
const products: ReadonlySet<string> = new Set(["FusedMatMul", "Gemm"]);

/** Ops that are in half precision where all their operands are. Every other op is in float32: softmax, norms, sums, choices. */
const followers: ReadonlySet<string> = new Set([
  "Add",
  "Concat",
  "Erf",
  "Gelu",
  "Mul",
  "Relu",
  "Reshape",
  "Sigmoid",
  "Slice",
  "Split",
  "Sub",
  "Tanh",
  "Transpose",
  "Unsqueeze",
]);

/** The largest number of float16. */
const largest = 65504;

/**
 * The same graph in half precision: weights, matrix products and what stands between them. Softmax, norms, sums, logarithms, the
 * stream of hidden states that blocks add to, inputs and outputs stay float32.
 */
export function inHalf(
  outputs: Readonly<Record<string, Tensor>>,
  by: HalfBy,
): Record<string, Tensor> {
  const rewriter = new Rewriter(by);
  rewriter.rewrite(Object.values(outputs));
  return Object.fromEntries(
    Object.entries(outputs).map(([name, x]) => [name, rewriter.full(x)]),
  );
}

class Rewriter {
  readonly #by: HalfBy;
  /** What stands for the results of nodes, each in the precision that its node has. */
  readonly #made = new Map<Tensor, Tensor>();
  /** The results that are in half precision. */
  readonly #halves = new Set<Tensor>();
  readonly #half = new Map<Tensor, Tensor>();
  readonly #full = new Map<Tensor, Tensor>();

  constructor(by: HalfBy) {
    this.#by = by;
  }

  rewrite(outputs: readonly Tensor[]): void {
    for (const node of nodesBefore(...outputs)) {
      if (!this.#made.has(node.outputs[0])) this.#rewriteNode(node);
    }
  }

  #rewriteNode(node: Node): void {
    const { op, inputs, outputs } = node;
    const isHalf = this.#isHalf(node);
    // rows of embeddings are looked up in half precision, and are where the stream of hidden states begins
    const looksUp = op.name === "Gather" && inputs[0]?.source.kind === "weight";
    const operands = inputs.map((x) => x && (isHalf || looksUp ? this.half(x) : this.full(x)));
    const made = apply(op, operands, this.#attributes(node));
    outputs.forEach((y, i) => {
      const isRounded = isHalf && this.#by === "rounding" && products.has(op.name);
      this.#made.set(y, looksUp ? cast(made[i], y.dtype) : isRounded ? rounded(made[i]) : made[i]);
      if (isHalf) this.#halves.add(y);
    });
  }

  #isHalf({ op, inputs }: Node): boolean {
    const numbers = inputs.filter((x): x is Tensor => x?.dtype === "float32");
    if (products.has(op.name)) return numbers.every(isFloatOrSmall);
    return followers.has(op.name) && numbers.some((x) => this.#halves.has(x)) &&
      numbers.every((x) => this.#halves.has(x) || isFixed(x));
  }

  /** The bodies of loops are rewritten, too; what they are given and give back stays as it is. */
  #attributes({ op, attributes }: Node): Node["attributes"] {
    return Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => {
        if (op.attributes[name] !== "graph") return [name, value];
        const { inputs, outputs } = value as Subgraph;
        this.rewrite(outputs);
        return [name, { inputs, outputs: outputs.map((x) => this.full(x)) }];
      }),
    );
  }

  /** What stands for a tensor, in float32 if it is made of such numbers. */
  full(x: Tensor): Tensor {
    const made = this.#made.get(x) ?? x;
    if (!this.#halves.has(x)) return made;
    return remembered(this.#full, x, () => cast(made, "float32"));
  }

  /** The same in half precision. */
  half(x: Tensor): Tensor {
    const made = this.#made.get(x) ?? x;
    if (x.dtype !== "float32" || this.#halves.has(x)) return made;
    return remembered(
      this.#half,
      x,
      () => this.#by === "float16" ? cast(made, "float16") : rounded(made),
    );
  }
}

const isFloatOrSmall = (x: Tensor) => x.source.kind !== "constant" || isFixed(x);

/** Whether it is part of the graph, and within float16's range. */
function isFixed({ source }: Tensor): boolean {
  return source.kind === "weight" ||
    source.kind === "constant" && source.data.every((value) => Math.abs(Number(value)) <= largest);
}

/** The nearest numbers of 11 significant bits, as float16 has them from 6e-5 up, by Veltkamp's splitting (1968). */
function rounded(x: Tensor): Tensor {
  const shifted = mul(x as Tensor<"float32">, 2 ** 13 + 1);
  return sub(shifted, sub(shifted, x as Tensor<"float32">));
}

function remembered(known: Map<Tensor, Tensor>, x: Tensor, make: () => Tensor): Tensor {
  const made = known.get(x) ?? make();
  known.set(x, made);
  return made;
}
