import { multiply } from "../graph/dim.ts";
import { argMax, gather, reshape, slice } from "../graph/ops/mod.ts";
import { stopGradient } from "../graph/gradient.ts";
import { input } from "../graph/tensor.ts";
import { bestContinuationLoss } from "../loss/best_continuation.ts";
import type { Backbone } from "../models/backbone.ts";
import { languageModelHead, outputEmbeddings } from "../models/language_model_head.ts";
import type { OptionTable } from "../options/option.ts";
import { floats } from "../runtime/value.ts";
import type { Objective } from "../train/objective.ts";
import { logitHead, logitOf } from "./language_head.ts";
import type { Method } from "./method.ts";
import { type FurtherLoss, pairObjective, perPlace } from "./pair_objective.ts";

/** Settings of FaRMA's training. */
const training = {
  constraint: {
    type: "number",
    min: 0,
    default: 1,
    help:
      "coefficient of FaRMA's constraint, that the value of a prefix is that of its best next token; 0 for none",
  },
} as const satisfies OptionTable;

/**
 * The constraint V(x, y₁ … y_i) = max_v V(x, y₁ … y_i, v) on the prefixes of chosen answers, as squared differences. Gradients go
 * through both sides, as in the authors' code.
 */
function constraintOf(backbone: Backbone, coefficient: number): FurtherLoss {
  const perToken = ["batch", "time"];
  return {
    name: "constraint",
    coefficient,
    loss(parameters, { hidden, embeddingsOf }) {
      const rows = multiply("batch", "time");
      const chosen = (x: typeof hidden, width: number) =>
        reshape(slice(reshape(x, [2, rows, width]), 0, 0, 1), [rows, width]);
      const states = chosen(hidden, backbone.width);
      const values = chosen(logitOf(hidden, embeddingsOf("targets")), 1);
      // the best token is chosen without a gradient; its value has one
      const best = argMax(stopGradient(languageModelHead(backbone, parameters, states)));
      const maxima = logitOf(states, gather(outputEmbeddings(backbone, parameters), best));
      return bestContinuationLoss(
        reshape(values, perToken),
        reshape(maxima, perToken),
        input("constraint_weights", "float32", perToken),
      );
    },
    feeds(sides, { rows }) {
      const { batch, time, texts } = sides;
      const weightAt = (text: number, place: number) => {
        const { tokens: { length }, given } = texts[text];
        // nothing continues the last token
        return place >= given && place < length - 1 ? 1 / ((length - 1 - given) * rows) : 0;
      };
      const weights = perPlace(sides, weightAt).subarray(0, batch * time);
      return { constraint_weights: floats([batch, time], weights) };
    },
  };
}

/**
 * Training FaRMA (Rashid et al., 2025): the values of whole texts, which are those of their last own tokens, say which is preferred
 * (Bradley and Terry), and those of prefixes are the values of their best continuations. The authors take turns between the two losses, pass by pass; here every
 * step has both.
 */
export function farmaObjective(
  backbone: Backbone,
  { constraint }: { readonly constraint: number },
): Objective {
  return pairObjective(backbone, {
    shapes: backbone.shapes,
    frozen: new Set(),
    rates: "next",
    // an end of the text as the last token would have all of the preference to itself, and no other token any
    ends: false,
    compares: "texts",
    value: (_parameters, { hidden, embeddingsOf }) => logitOf(hidden, embeddingsOf("targets")),
    further: constraintOf(backbone, constraint),
  });
}

/**
 * FaRMA (Rashid et al., 2025): a language model whose logits are values V(x, v) of all next tokens v at once, in one call,
 * where ARGS takes one a candidate. As in the authors' code all of the language model is trained, its output embeddings with it.
 */
export const farma: Method<Record<never, never>, typeof training> = {
  kind: "farma",
  title: "Values of all next tokens, from pairs (FaRMA)",
  name: "FaRMA",
  formula: "z + β V(x, i), with V(x, ·) the logits of a language model that learnt from pairs",
  source:
    "Rashid, Wu, Fan, Li, Kristiadi, Poupart: Towards Cost-Effective Reward Guided Text Generation, 2025",
  rule: "difference",
  textRating: "logOdds",
  training,
  learnsFrom: "pairs",
  trainsEmbeddings: true,
  head: () => logitHead,
  objective: (backbone, _head, _training, settings) => farmaObjective(backbone, settings),
};
