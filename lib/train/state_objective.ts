import { multiply } from "../graph/dim.ts";
import { reshape } from "../graph/ops/mod.ts";
import { input } from "../graph/tensor.ts";
import type { Backbone } from "../models/backbone.ts";
import type { ParameterShapes } from "../models/parameters.ts";
import { floats } from "../runtime/value.ts";
import type { Objective } from "./objective.ts";
import type { TextStates } from "./text_states.ts";

/** The same backbone where its hidden states are fed, `[batch·time, d]`, and not computed. */
export function fedStates(backbone: Backbone): Backbone {
  return {
    ...backbone,
    hidden: (_parameters, ids) => {
      const [batch, time] = ids.shape;
      return reshape(input("states", "float32", [batch, time, backbone.width]), [
        multiply(batch, time),
        backbone.width,
      ]);
    },
  };
}

/**
 * The same objective where hidden states are fed and the head alone trains. Losses and gradients of the head are those of the
 * whole graph.
 *
 * @param objective of the backbone whose states are fed, from {@linkcode fedStates}.
 * @param head the head's parameters.
 * @param states where they come from.
 */
export function stateObjective(
  objective: Objective,
  { backbone, head, states }: {
    readonly backbone: Backbone;
    readonly head: ParameterShapes;
    readonly states: TextStates;
  },
): Objective {
  const { outputEmbedding, width } = backbone;
  const embedding = [...objective.shapes].filter(([name]) => name === outputEmbedding);
  return {
    ...objective,
    shapes: new Map([...embedding, ...head]),
    frozen: new Set(embedding.map(([name]) => name)),
    async feeds(part) {
      const { ids, mask: _, ...feeds } = await objective.feeds(part);
      const [batch, time] = ids.dims;
      const rows = new Float32Array(batch * time * width);
      // the place after a text's last, which is read in batches of longer texts, counts in none of the losses
      (await states.of(part)).forEach((values, i) =>
        rows.set(values.subarray(0, time * width), i * time * width)
      );
      return { ...feeds, states: floats([batch, time, width], rows) };
    },
  };
}
