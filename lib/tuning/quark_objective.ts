import { plus } from "../graph/dim.ts";
import { add, asRows, concat, gather, mul, reshape, slice } from "../graph/ops/mod.ts";
import { input } from "../graph/tensor.ts";
import { klDivergence } from "../loss/kl_divergence.ts";
import { languageModellingLoss, negativeLogLikelihood } from "../loss/language_modelling.ts";
import type { Backbone } from "../models/backbone.ts";
import { forward } from "../models/forward.ts";
import { languageModelHead, outputEmbeddings } from "../models/language_model_head.ts";
import type { Parameters } from "../models/parameters.ts";
import { integers } from "../runtime/value.ts";
import { languageModelObjective } from "../train/language_model_objective.ts";
import type { Objective } from "../train/objective.ts";

/**
 * Quark's objective (Lu et al., 2022, equation 2), as a loss: what is written after a prompt x and the token r_k of its quantile,
 * and the divergence of the reference p₀, which reads no such token, a token of the text:
 *
 *     L = Σ_t w [ −log p_θ(y_t | r_k, x, y_<t) + β KL(p₀(· | x, y_<t) ‖ p_θ(· | r_k, x, y_<t)) ].
 *
 * The quantile is the text's first label.
 *
 * @param reference parameters of the model that stays.
 * @param codes the token of each quantile.
 * @param klCoefficient β.
 */
export function quarkObjective(
  backbone: Backbone,
  reference: Parameters,
  { codes, klCoefficient }: { readonly codes: readonly number[]; readonly klCoefficient: number },
): Objective {
  const plain = languageModelObjective(backbone);
  return {
    shapes: backbone.shapes,
    frozen: new Set(),

    loss(parameters) {
      const perToken = ["batch", "time"];
      const [ids, targets] = ["ids", "targets"].map((name) => input(name, "int64", perToken));
      const mask = input("mask", "float32", perToken);
      const weights = input("weights", "float32", perToken);
      const [batch, time] = ids.shape;
      const code = input("codes", "int64", [batch, 1]);
      const first = slice(ids, 1, 0, 1);
      const { hidden: all } = forward(backbone, parameters, {
        ids: concat([first, code, slice(ids, 1, 1, time)], 1),
        mask: concat([slice(mask, 1, 0, 1), mask], 1),
      });
      const rows = reshape(all, [batch, plus(1, time), backbone.width]);
      const hidden = asRows(slice(rows, 1, 1, plus(1, time)));
      const logits = languageModelHead(backbone, parameters, hidden);
      const chosen = asRows(gather(outputEmbeddings(backbone, parameters), targets));
      const nll = languageModellingLoss(negativeLogLikelihood(logits, hidden, chosen), weights);
      const { hidden: before } = forward(backbone, reference, { ids, mask });
      const kl = languageModellingLoss(
        klDivergence(languageModelHead(backbone, reference, before), logits),
        weights,
      );
      return { loss: add(nll, mul(kl, klCoefficient)), terms: { nll, kl } };
    },

    async feeds(part) {
      const { examples } = part;
      return {
        ...await plain.feeds(part),
        codes: integers([examples.length, 1], examples.map(({ labels }) => codes[labels[0]])),
      };
    },
  };
}
