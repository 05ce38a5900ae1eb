import { plus } from "../graph/dim.ts";
import {
  add,
  asRows,
  concat,
  expand,
  gather,
  mul,
  reduceSum,
  reshape,
  slice,
  sub,
} from "../graph/ops/mod.ts";
import { constant, input } from "../graph/tensor.ts";
import { discriminativeLoss, generativeLoss } from "../loss/generative_discriminative.ts";
import { negativeLogLikelihood } from "../loss/language_modelling.ts";
import { weightsBy } from "../loss/weights.ts";
import type { Backbone } from "../models/backbone.ts";
import { forward } from "../models/forward.ts";
import { languageModelHead, outputEmbeddings } from "../models/language_model_head.ts";
import { classLogOdds, gediHeadShapes } from "./gedi_head.ts";
import { floats } from "../runtime/value.ts";
import {
  crossEntropy,
  meanLabelLoss,
  predictedTokens,
  unigramNll,
} from "../train/constant_prediction.ts";
import { type Example, longest, type Objective } from "../train/objective.ts";
import { padded } from "../train/padded_texts.ts";

/** A backbone, and the control codes that its texts are read after. */
export interface ClassConditional {
  readonly backbone: Backbone;
  /** The tokens that stand for the desired and the undesired class. */
  readonly codes: readonly [desired: number, undesired: number];
}

export interface GediObjectiveOptions {
  /** λ, how much the generative loss counts beside the discriminative one. Default 0.8. */
  generativeWeight?: number;
}

const perToken = ["batch", "time"];

/**
 * Training GeDi (Krause et al., 2020): every text is read after the control code of either class, both in one batch,
 * and its tokens and the end of text are predicted. The loss is λ L_g + (1 − λ) L_d, the likelihood of the text under
 * its own class and the cross-entropy of its class by Bayes' rule. A text with a label from 0.5 up is of the desired
 * class. Embeddings train as well.
 */
export function gediObjective(
  { backbone, codes }: ClassConditional,
  { generativeWeight = 0.8 }: GediObjectiveOptions = {},
): Objective {
  return {
    shapes: new Map([...backbone.shapes, ...gediHeadShapes]),
    frozen: new Set(),

    loss(parameters) {
      const text = input("ids", "int64", perToken);
      const seen = input("mask", "float32", perToken);
      const [batch, time] = text.shape;
      const afterCode = (code: number) =>
        concat([expand(constant("int64", [1, 1], [code]), [batch, 1]), text], 1);
      const withCode = concat([expand(constant("float32", [1, 1], [1]), [batch, 1]), seen], 1);
      const { hidden } = forward(backbone, parameters, {
        ids: concat(codes.map(afterCode), 0),
        mask: concat([withCode, withCode], 0),
      });

      const places = plus(1, time);
      const targets = input("targets", "int64", [batch, places]);
      const embeddings = outputEmbeddings(backbone, parameters);
      const nll = negativeLogLikelihood(
        languageModelHead(backbone, parameters, hidden),
        hidden,
        asRows(gather(embeddings, concat([targets, targets], 0))),
      );
      const weights = input("weights", "float32", [batch, places]);
      const perText = reduceSum(mul(reshape(nll, [2, batch, places]), weights), [2]);
      const [desired, undesired] = codes.map((_, side) =>
        sub(0, reshape(slice(perText, 0, side, side + 1), [batch]))
      );
      const texts = {
        labels: input("labels", "float32", [batch]),
        weights: input("text_weights", "float32", [batch]),
      };
      const generative = generativeLoss(desired, undesired, texts);
      const discriminative = discriminativeLoss(
        classLogOdds(parameters, desired, undesired),
        texts,
      );
      return {
        loss: add(mul(generative, generativeWeight), mul(discriminative, 1 - generativeWeight)),
        terms: { generative, discriminative },
      };
    },

    feeds({ examples, rows, tokens }) {
      const batch = examples.length;
      const time = longest(examples);
      // the end of a text is predicted as well
      const lengths = examples.map(({ ids, goesOn }) => ids.length + (goesOn ? 0 : 1));
      const shape = { lengths, time: time + 1, rows, tokens: tokens + rows };
      return Promise.resolve({
        ...padded(backbone, examples, time),
        targets: padded(backbone, examples, time + 1).ids,
        weights: floats([batch, time + 1], weightsBy(shape, (_, n) => 1 / n)),
        labels: floats(
          [batch],
          Float32Array.from(examples, classOf),
        ),
        text_weights: floats([batch], new Float32Array(batch).fill(1 / rows)),
      });
    },

    constantLosses(training, evaluation) {
      const nll = unigramNll(training, backbone);
      let generative = 0;
      for (const { examples, rows } of evaluation) {
        for (const example of examples) {
          const tokens = predictedTokens(example, backbone.endOfText);
          generative += tokens.reduce((sum, id) => sum + nll[id], 0) / tokens.length / rows;
        }
      }
      const discriminative = meanLabelLoss(
        inClasses(training),
        evaluation.map((part) => ({ ...part, examples: inClasses(part.examples) })),
        {
          labels: 1,
          weight: () => 1,
          total: ({ rows }) => rows,
          error: crossEntropy,
          reduction: "mean",
        },
      );
      const loss = generativeWeight * generative + (1 - generativeWeight) * discriminative;
      return Promise.resolve({ loss, generative, discriminative });
    },
  };
}

/** The class of a text: 1 for the desired one. */
function classOf({ labels }: Example): number {
  return labels[0] >= 0.5 ? 1 : 0;
}

/** Texts whose one label is their class. */
function inClasses(examples: readonly Example[]): Example[] {
  return examples.map((example) => ({ ...example, labels: [classOf(example)] }));
}
