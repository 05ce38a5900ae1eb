import { input } from "../graph/tensor.ts";
import { lastShares, laterShares, type Returns } from "../loss/temporal_difference.ts";
import type { OptionTable } from "../options/option.ts";
import { floats } from "../runtime/value.ts";
import type { Objective } from "../train/objective.ts";
import { shapeOf } from "../train/padded_texts.ts";

/** The setting of methods that learn values by temporal differences. */
export const traceDecaySetting = {
  traceDecay: {
    type: "number",
    min: 0,
    max: 1,
    default: 0.9,
    placeholder: "lambda",
    help:
      "λ of TD(λ): 0 learns the value of a token from that of the next one, which takes many epochs; 1 from the text's label",
  },
} as const satisfies OptionTable;

/** The λ-returns of a batch, as inputs of a graph that `withReturns` feeds. */
export function fedReturns(): Returns {
  return {
    later: input("later", "float32", ["time", "time"]),
    last: input("last", "float32", ["batch", "time"]),
  };
}

/** An objective whose loss has `fedReturns`, fed with these too. */
export function withReturns(objective: Objective, traceDecay: number): Objective {
  return {
    ...objective,
    async feeds(part) {
      const shape = shapeOf(part);
      const { time } = shape;
      return {
        ...await objective.feeds(part),
        later: floats([time, time], laterShares(time, traceDecay)),
        last: floats([part.examples.length, time], lastShares(shape, traceDecay)),
      };
    },
  };
}
