import { inputsBefore } from "../graph/op.ts";
import { input, type Tensor } from "../graph/tensor.ts";
import type { Backbone, ThroughBlocks } from "./backbone.ts";
import { forward } from "./forward.ts";
import { fedParameters, type ParameterShapes } from "./parameters.ts";

type Float = Tensor<"float32">;

/** A backbone that notes the hidden states between its blocks while it is built into a graph. */
export interface NotingBackbone {
  readonly backbone: Backbone;
  /**
   * The states that the block above reads, once `backbone.hidden` was called: tokens as rows, `[batch·time, d]`; above all
   * blocks the last hidden states after the final norm.
   *
   * @throws {TypeError} if the architecture does not say where its blocks end.
   */
  after(blocks: number): Float;
}

/** The same backbone, which notes what comes between its blocks. */
export function notingBackbone(backbone: Backbone): NotingBackbone {
  const between: Float[] = [];
  let last: Float | undefined;
  const note: ThroughBlocks = (x, block) => {
    between.push(x);
    return backbone.blocks.reduce((x, _, i) => {
      const next = block(x, i);
      between.push(next);
      return next;
    }, x);
  };
  return {
    backbone: {
      ...backbone,
      hidden: (parameters, ids, positions, attend) =>
        last = backbone.hidden(parameters, ids, positions, attend, note),
    },
    after(blocks) {
      const states = blocks === backbone.blocks.length ? last : between[blocks];
      if (states) return states;
      throw new TypeError(
        `${backbone.title} does not say where its blocks end (through), so nothing can stand on some of them.`,
      );
    },
  };
}

/**
 * The blocks of a backbone above its first `blocks`, as a backbone that reads their hidden states; above all blocks there is
 * nothing, and the states are the last hidden states.
 *
 * @param statesOf the states of some tokens, tokens as rows: `[batch, time]` → `[batch·time, d]`.
 */
export function aboveTrunk(
  backbone: Backbone,
  blocks: number,
  statesOf: (ids: Tensor<"int64">) => Float,
): Backbone {
  const above = backbone.blocks.slice(blocks);
  return {
    ...backbone,
    blocks: above,
    hidden: (parameters, ids, positions, attend) =>
      above.length === 0 ? statesOf(ids) : backbone.hidden(
        parameters,
        ids,
        positions,
        (i, query, own) => attend(i - blocks, query, own),
        (_, block) => above.reduce((x, _, i) => block(x, blocks + i), statesOf(ids)),
      ),
  };
}

/** The parameters of a backbone in two: those that the states above its first `blocks` follow from, and the rest that follows from these. */
export interface TrunkParameters {
  readonly trunk: ParameterShapes;
  /** Empty above all blocks. The output embedding is in neither, but where it is what tokens are read as. */
  readonly above: ParameterShapes;
}

/** @throws {TypeError} if the architecture does not say where its blocks end. */
export function trunkParameters(backbone: Backbone, blocks: number): TrunkParameters {
  const perToken = ["batch", "time"];
  const given = {
    ids: input("ids", "int64", perToken),
    mask: input("mask", "float32", perToken),
  };
  const noting = notingBackbone(backbone);
  forward(noting.backbone, fedParameters(), given);
  const states = input("states", "float32", ["batch*time", backbone.width]);
  const upper = forward(aboveTrunk(backbone, blocks, () => states), fedParameters(), given);
  const those = (x: Float) => {
    const names = inputsBefore(x);
    return new Map([...backbone.shapes].filter(([name]) => names.has(name)));
  };
  return { trunk: those(noting.after(blocks)), above: those(upper.hidden) };
}
