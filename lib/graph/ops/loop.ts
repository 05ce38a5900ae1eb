import { canonical, type Shape, showShape } from "../dim.ts";
import { apply, applyOne, defineOp } from "../op.ts";
import { input, type Subgraph, type Tensor } from "../tensor.ts";

/** What one turn of a loop computes. */
export interface Turn {
  /** The carried tensors of the next turn. An extent may differ from the turn's own: tensors may grow. */
  readonly carried: readonly Tensor[];
  /** Whether there is to be a next turn, bool `[]`. */
  readonly goOn: Tensor<"bool">;
  /** Tensors that are stacked over the turns. */
  readonly stacked: readonly Tensor[];
}

export const Loop = defineOp({
  name: "Loop",
  optionalInputs: true,
  attributes: { body: "graph" },
  infer: ([, , ...initial], { body }) => {
    const [, ...results] = body!.outputs;
    return results.map(({ dtype, shape }, i) => {
      if (i >= initial.length) return { dtype, shape: ["turns", ...shape] };
      const first = initial[i]!;
      if (first.dtype !== dtype || first.shape.length !== shape.length) {
        throw new RangeError(
          `Loop: carried tensor ${i} is ${first.dtype} ${showShape(first.shape)} at first, ` +
            `but ${dtype} ${showShape(shape)} after a turn.`,
        );
      }
      // the extent of a tensor that grows depends on the number of turns
      return {
        dtype,
        shape: shape.map((dim, axis) => dim === first.shape[axis] ? dim : `last${axis}of${i}`),
      };
    });
  },
  gradient: "none",
});

/** Gives a tensor a second name; a loop's results must each have their own. */
export const Identity = defineOp({
  name: "Identity",
  attributes: {},
  infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
  gradient: (_, [dy]) => [dy],
});

/** The same tensor as the result of a node of its own. */
export function identity<T extends Tensor>(x: T): T {
  return applyOne(Identity, [x]) as T;
}

let loops = 0;

/**
 * Repeats a part of a graph, up to `turns` times, while it says to go on: ONNX's Loop. The body may use inputs, weights
 * and constants from around it; nodes that it uses are computed within it, and it may hold no other loop.
 *
 * @param turns int64 `[]`.
 * @param initial the carried tensors of the first turn. Names in their shapes stand for the extents of each turn.
 * @param body from the number of the turn, int64 `[]`, and the carried tensors to what the turn computes.
 * @returns the carried tensors after the last turn, and the stacked ones, `[turns, …]`.
 * @throws {RangeError} if a carried tensor changes its rank.
 */
export function loop(
  turns: Tensor<"int64">,
  initial: readonly Tensor[],
  body: (turn: Tensor<"int64">, carried: readonly Tensor[]) => Turn,
): { carried: readonly Tensor[]; stacked: readonly Tensor[] } {
  const prefix = `loop${loops++}`;
  const formal = (name: string, { dtype, shape }: { dtype: Tensor["dtype"]; shape: Shape }) =>
    input(`${prefix}.${name}`, dtype, shape.map(canonical));
  const turn = formal("turn", { dtype: "int64", shape: [] }) as Tensor<"int64">;
  const goesOn = formal("goesOn", { dtype: "bool", shape: [] });
  const carried = initial.map((tensor, i) => formal(`${i}`, tensor));
  const { carried: next, goOn, stacked } = body(turn, carried);
  const results: Tensor[] = [];
  for (const tensor of [goOn, ...next, ...stacked]) {
    const isNamed = tensor.source.kind !== "node" || results.includes(tensor);
    results.push(isNamed ? identity(tensor) : tensor);
  }
  const subgraph: Subgraph = { inputs: [turn, goesOn, ...carried], outputs: results };
  const outputs = apply(Loop, [turns, undefined, ...initial], { body: subgraph });
  return { carried: outputs.slice(0, initial.length), stacked: outputs.slice(initial.length) };
}
