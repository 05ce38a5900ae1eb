import type { Backbone } from "../models/backbone.ts";
import { floats, integers, type Value } from "../runtime/value.ts";
import type { BatchShape } from "../loss/weights.ts";
import { type Example, longest, type Part, table } from "./objective.ts";

/** Rows of tokens, padded on the right with the end of text, and their mask, `[batch, time]` each. */
export function padded(
  { endOfText }: Pick<Backbone, "endOfText">,
  examples: readonly Pick<Example, "ids">[],
  time: number,
): { ids: Value; mask: Value } {
  const batch = examples.length;
  const ids = integers(
    [batch, time],
    table(batch, time, (b, t) => examples[b].ids[t] ?? endOfText),
  );
  const mask = floats(
    [batch, time],
    Float32Array.from(table(batch, time, (b, t) => t < examples[b].ids.length ? 1 : 0)),
  );
  return { ids, mask };
}

/** The labels of the texts, `[batch, labels]`. */
export function labelsOf(examples: readonly Example[], labels: number): Value {
  return floats(
    [examples.length, labels],
    Float32Array.from(table(examples.length, labels, (b, o) => examples[b].labels[o])),
  );
}

/** How the places of a part count, where a text's places are its tokens. */
export function shapeOf({ examples, rows, tokens }: Part): BatchShape {
  return { lengths: examples.map(({ ids }) => ids.length), time: longest(examples), rows, tokens };
}
