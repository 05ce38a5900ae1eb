import { type Dim, minus, multiply, plus } from "../graph/dim.ts";
import {
  add,
  cast,
  concat,
  div,
  expand,
  gather,
  greaterOrEqual,
  mul,
  reduceSum,
  reshape,
  slice,
  sub,
  unsqueeze,
  where,
} from "../graph/ops/mod.ts";
import { constant, type Tensor } from "../graph/tensor.ts";
import { cachesOf } from "../inference/backbone_part.ts";
import type { RaterPart } from "../inference/part.ts";
import { classLogOdds } from "./gedi_head.ts";
import type { LayerCache } from "../models/backbone.ts";
import { forwardStep, type Past } from "../models/step.ts";
import { logSumExp } from "../loss/log_sum_exp.ts";
import type { ClassConditional } from "./gedi_objective.ts";
import type { Parameters } from "../models/parameters.ts";
import { outputEmbeddings, tokenLogits } from "../models/language_model_head.ts";
import { places } from "../models/places.ts";

type Float = Tensor<"float32">;
type Ids = Tensor<"int64">;

/**
 * GeDi (Krause et al., 2020): a class-conditional language model reads every text after the control code of the
 * desired and of the undesired class, both in one batch. A candidate's score is the log-odds of the desired class
 * by Bayes' rule, from the log-likelihoods of the whole text with that candidate (`classLogOdds`).
 *
 * Carried beside the caches are the log-likelihoods of the text, and the last hidden states with their log-sum-exp:
 * from these the log-probability of the token that is read next is known, without picking it out of all logits.
 */
export function gediPart({ backbone, codes }: ClassConditional, parameters: Parameters): RaterPart {
  const { vocabulary, width } = backbone;
  return {
    caches: cachesOf(backbone).map(({ heads, size }) => ({ heads: 2 * heads, size })),
    running: [
      { name: "hidden", shape: [2, width] },
      { name: "log_sum_exp", shape: [2] },
      { name: "log_likelihood", shape: [2] },
    ],
    context: backbone.context,
    backboneCalls: 2,
    // the first token stands for the code, which each class has its own of
    begin: (prompt) => [codes[0], ...prompt],

    rate({ ids, past, running }, candidates) {
      const [batch, time] = ids.shape;
      const { first, count } = placesOf(2 * backbone.context, time, past);
      const read = withCodes(ids, first, codes);
      const { hidden, fresh } = forwardStep(backbone, parameters, read, perClass(past, batch));

      const states = reshape(hidden, [batch, 2, time, width]);
      const allLogits = tokenLogits(
        backbone,
        parameters,
        reshape(hidden, [batch, multiply(2, time), width]),
      );
      const normalizers = reshape(logSumExp(allLogits), [batch, 2, time]);
      const likelihood = add(
        running.log_likelihood,
        logLikelihood(
          before(unsqueeze(running.hidden, [2]), states),
          before(unsqueeze(running.log_sum_exp, [2]), normalizers),
          gather(outputEmbeddings(backbone, parameters), ids),
          first,
        ),
      );

      const state = reshape(last(states), [batch, 2, width]);
      const normalizer = reshape(last(normalizers), [batch, 2]);
      const logits = candidates
        ? tokenLogits(backbone, parameters, state, candidates)
        : reshape(last(reshape(allLogits, [batch, 2, time, vocabulary])), [batch, 2, vocabulary]);
      return {
        scores: gediScores(parameters, likelihood, sub(logits, unsqueeze(normalizer, [2])), count),
        fresh: fresh.map((layer) =>
          eachOf(layer, (x) => regroup(x, batch, 2 * Number(x.shape[1])))
        ),
        running: { hidden: state, log_sum_exp: normalizer, log_likelihood: likelihood },
      };
    },
  };
}

/**
 * The log-odds δ(v) of the desired class for every candidate, `[batch, 1, k]`.
 *
 * @param likelihood ℓ_c, the log-likelihood of the tokens after the code, `[batch, 2]`: desired, undesired class.
 * @param next log p_c(v | text) of the candidates, `[batch, 2, k]`.
 * @param count tokens with the candidate, without the code, `[batch]`.
 */
export function gediScores(
  parameters: Parameters,
  likelihood: Float,
  next: Float,
  count: Float,
): Float {
  const perToken = div(add(unsqueeze(likelihood, [2]), next), unsqueeze(count, [1, 2]));
  return classLogOdds(parameters, slice(perToken, 1, 0, 1), slice(perToken, 1, 1, 2));
}

/**
 * Where the tokens of a step stand: which are the text's first (or padding), `[batch, time]`, and how many tokens
 * each text has with one more, its code not counted, `[batch]`.
 */
function placesOf(columns: number, time: Dim, { settled, fresh, padding }: Past) {
  const start = fresh?.[0].key.shape[2] ?? 0;
  const fromStart = slice(places(columns), 0, start, plus(start, time));
  const steps = unsqueeze(fromStart, [0]);
  const column = settled ? add(steps, unsqueeze(cast(settled.length, "float32"), [1])) : steps;
  const empty = cast(padding, "float32");
  const lastColumn = reshape(slice(column, 1, minus(time, 1), time), [column.shape[0]]);
  return {
    first: greaterOrEqual(unsqueeze(empty, [1]), column),
    count: sub(add(lastColumn, 1), empty),
  };
}

/** Each text once with either code as its first token: `[batch, time]` → `[2·batch, time]`, classes side by side. */
function withCodes(ids: Ids, first: Tensor<"bool">, codes: readonly number[]): Ids {
  const [batch, time] = ids.shape;
  const coded = where(
    unsqueeze(first, [1]),
    constant("float32", [1, 2, 1], codes),
    unsqueeze(cast(ids, "float32"), [1]),
  );
  return cast(reshape(coded, [multiply(2, batch), time]), "int64");
}

/** The past of the texts of both classes: keys and values lie side by side, so a row's heads are cut in two. */
function perClass({ settled, fresh, padding }: Past, batch: Dim): Past {
  const rows = multiply(2, batch);
  const twice = (x: Ids) => reshape(expand(unsqueeze(x, [1]), [batch, 2]), [rows]);
  const cut = (layers: readonly LayerCache[]) =>
    layers.map((layer) => eachOf(layer, (x) => regroup(x, rows, Number(x.shape[1]) / 2)));
  return {
    settled: settled && {
      layers: cut(settled.layers),
      length: settled.length.shape[0] === 1 ? settled.length : twice(settled.length),
    },
    fresh: fresh && cut(fresh),
    padding: twice(padding),
  };
}

const eachOf = ({ key, value }: LayerCache, change: (x: Float) => Float): LayerCache => ({
  key: change(key),
  value: change(value),
});

/** Other rows and heads of the same keys or values, in the same order. */
const regroup = (x: Float, rows: Dim, heads: number): Float =>
  reshape(x, [rows, heads, ...x.shape.slice(2)]);

/** What was at the place before each of this step's, `[batch, 2, time, …]`: the last of the step before comes first. */
function before(carried: Float, now: Float): Float {
  const all = now.shape[2];
  return all === 1 ? carried : concat([carried, slice(now, 2, 0, minus(all, 1))], 2);
}

const last = (x: Float): Float => slice(x, 2, minus(x.shape[2], 1), x.shape[2]);

/**
 * The log-likelihood of the tokens of a step under both classes, Σ ⟨h, e_x⟩ − log Σ exp z, `[batch, 2]`.
 *
 * @param states hidden states before each token, `[batch, 2, time, d]`, and their `normalizers` `[batch, 2, time]`.
 * @param embeddings of the tokens, `[batch, time, d]`.
 * @param first tokens that do not count, `[batch, time]`: codes and padding.
 */
function logLikelihood(
  states: Float,
  normalizers: Float,
  embeddings: Float,
  first: Tensor<"bool">,
): Float {
  const logits = reduceSum(mul(states, unsqueeze(embeddings, [1])), [3]);
  return reduceSum(where(unsqueeze(first, [1]), 0, sub(logits, normalizers)), [2]);
}
