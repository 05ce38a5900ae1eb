import { sameShape, showShape } from "./dim.ts";
import { nodesBefore } from "./op.ts";
import { add } from "./ops/arithmetic.ts";
import { expand } from "./ops/reduce_sum.ts";
import { Recomputation } from "./recomputation.ts";
import {
  type DType,
  type FloatType,
  requireTensor,
  scalar,
  type Tensor,
  tensor,
} from "./tensor.ts";

type Float = Tensor<FloatType>;

/**
 * The gradients of a scalar with respect to each of `wrt`, as further symbolic tensors, by reverse-mode
 * differentiation (adjoints are summed over the nodes between `loss` and `wrt`, last node first).
 * A tensor that `loss` does not depend on gets zeros.
 *
 * @param options.recompute compute what gradients need of the way to the loss once more when it is their turn, so that little is kept
 *   until then: the same gradients with less memory, in more time. Default false.
 * @throws {RangeError} if `loss` is not a scalar.
 * @throws {TypeError} if an op on the way has no gradient.
 */
export function gradients<D extends FloatType>(
  loss: Tensor<D>,
  wrt: readonly Tensor<D>[],
  { recompute = false }: { readonly recompute?: boolean } = {},
): readonly Tensor<D>[] {
  for (const tensor of [loss, ...wrt ?? [undefined]]) requireTensor("gradients", tensor);
  if (loss.shape.length !== 0) {
    throw new RangeError(`gradients: the loss must have shape [], got ${showShape(loss.shape)}.`);
  }
  const nodes = nodesBefore(loss);
  const reached = new Set<Tensor>(wrt);
  for (const node of nodes) {
    if (node.inputs.some((x) => x && reached.has(x))) {
      for (const y of node.outputs) {
        if (isFloat(y)) reached.add(y);
      }
    }
  }

  const again = recompute ? new Recomputation(nodes, reached) : undefined;
  const adjoints = new Map<Tensor, Float>([[loss, scalar(loss.dtype, 1)]]);
  for (const node of nodes.reverse()) {
    const outputGradients = node.outputs.map((y) => adjoints.get(y));
    const wanted = node.inputs.map((x) => x !== undefined && reached.has(x));
    if (!outputGradients.some(Boolean) || !wanted.some(Boolean)) continue;
    if (node.op.gradient === "none") {
      throw new TypeError(
        `gradients: ${node.op.name} has no gradient; keep it off the way to a loss.`,
      );
    }
    const inputGradients = node.op.gradient(
      again?.of(node, adjoints) ?? node,
      outputGradients,
      wanted,
    );
    node.inputs.forEach((x, i) => {
      const gradient = inputGradients[i] as Float | undefined;
      if (!x || !wanted[i] || !gradient) return;
      if (!sameShape(gradient.shape, x.shape)) {
        throw new RangeError(
          `gradients: ${node.op.name} gave ${showShape(gradient.shape)} for an input of ${
            showShape(x.shape)
          }.`,
        );
      }
      const sofar = adjoints.get(x);
      adjoints.set(x, sofar ? add(sofar, gradient) : gradient);
    });
  }
  return wrt.map((x) => (adjoints.get(x) ?? expand(scalar(x.dtype, 0), x.shape)) as Tensor<D>);
}

function isFloat({ dtype }: Tensor): boolean {
  return dtype === "float32" || dtype === "float64";
}

/** `x` as a constant: gradients do not flow through it. */
export function stopGradient<D extends DType>(x: Tensor<D>): Tensor<D> {
  requireTensor("stopGradient", x);
  const { dtype, shape, source } = x;
  return tensor(dtype, shape, source);
}
