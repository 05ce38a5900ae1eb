import { multiply } from "../graph/dim.ts";
import { reshape } from "../graph/ops/mod.ts";
import { input } from "../graph/tensor.ts";
import type { Backbone } from "../models/backbone.ts";
import type { ParameterShapes } from "../models/parameters.ts";
import { aboveTrunk } from "../models/trunk.ts";
import { floats } from "../runtime/value.ts";
import type { Objective } from "./objective.ts";
import type { TextStates } from "./text_states.ts";

/** The blocks of a backbone above its first `blocks`, whose hidden states are fed, `[batch, time, d]`, and not computed. */
export function fedStates(backbone: Backbone, blocks: number): Backbone {
  const { width } = backbone;
  return aboveTrunk(backbone, blocks, (ids) => {
    const [batch, time] = ids.shape;
    return reshape(input("states", "float32", [batch, time, width]), [
      multiply(batch, time),
      width,
    ]);
  });
}

/**
 * The same objective where hidden states are fed, and what stands on them trains. Losses and gradients are those of the whole
 * graph.
 *
 * @param objective of the backbone whose states are fed, from {@linkcode fedStates}.
 */
export function stateObjective(
  objective: Objective,
  { width, shapes, frozen, isMasked, states }: {
    readonly width: number;
    /** What stands on the states, and what it is multiplied with. */
    readonly shapes: ParameterShapes;
    readonly frozen: ReadonlySet<string>;
    /** Whether blocks stand on them, which attend to tokens that are there. */
    readonly isMasked: boolean;
    /** Where they come from. */
    readonly states: TextStates;
  },
): Objective {
  return {
    ...objective,
    shapes,
    frozen,
    async feeds(part) {
      const { ids, mask, ...feeds } = await objective.feeds(part);
      const [batch, time] = ids.dims;
      const rows = new Float32Array(batch * time * width);
      // the place after a text's last, which is read in batches of longer texts, counts in none of the losses
      (await states.of(part)).forEach((values, i) =>
        rows.set(values.subarray(0, time * width), i * time * width)
      );
      return {
        ...feeds,
        ...(isMasked ? { mask } : {}),
        states: floats([batch, time, width], rows),
      };
    },
  };
}
