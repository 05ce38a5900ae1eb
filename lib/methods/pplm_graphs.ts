import { gradients, stopGradient } from "../graph/gradient.ts";
import {
  add,
  div,
  exp,
  gatherLast,
  log,
  matmul,
  mul,
  reduceSum,
  reshape,
  slice,
  softmax,
  sub,
  sumAll,
  unsqueeze,
} from "../graph/ops/mod.ts";
import { minus } from "../graph/dim.ts";
import { compile, type Program } from "../graph/program.ts";
import { input, type Tensor } from "../graph/tensor.ts";
import { binaryCrossEntropy } from "../loss/cross_entropy.ts";
import { logSumExp } from "../loss/log_sum_exp.ts";
import type { Backbone, LayerCache } from "../models/backbone.ts";
import { languageModelHead } from "../models/language_model_head.ts";
import type { Parameters } from "../models/parameters.ts";
import { forwardStep } from "../models/step.ts";

type Float = Tensor<"float32">;

/** How far a step of PPLM goes. */
export interface PplmStep {
  readonly stepSize: number;
  readonly klScale: number;
  /** γ: gradients are divided by their norms to this power. */
  readonly normExponent: number;
}

/** The log-odds of a label from the mean hidden state of a text: `[rows, d]` → `[rows, 1]`. */
export type Classify = (parameters: Parameters, hidden: Float) => Float;

/** Names of keys and values in graphs, two a block. */
export const cacheNames = (what: string, blocks: number): string[] =>
  Array.from({ length: blocks }, (_, i) => [`${what}.${i}.key`, `${what}.${i}.value`]).flat();

function caches({ blocks }: Backbone, what: string, columns: string): LayerCache[] {
  const names = cacheNames(what, blocks.length);
  return blocks.map(({ keyHeads, size }, i) => {
    const [key, value] = names.slice(2 * i).map((name) =>
      input(name, "float32", ["batch", keyHeads, columns, size])
    );
    return { key, value };
  });
}

function outputsOf(what: string, layers: readonly LayerCache[]): Record<string, Float> {
  const names = cacheNames(what, layers.length);
  return Object.fromEntries(
    layers.flatMap(({ key, value }, i) => [[names[2 * i], key], [names[2 * i + 1], value]]),
  );
}

/**
 * Reads tokens `ids` `[batch, time]` behind a past, or as the first ones. Its outputs: `logits` after the last token, `sum`
 * `[batch, d]` of the hidden states where `counted` `[batch, time]` is 1, and `present.*`, the past with these tokens.
 */
export function readProgram(backbone: Backbone, parameters: Parameters, hasPast: boolean): Program {
  const ids = input("ids", "int64", ["batch", "time"]);
  const past = {
    padding: input("padding", "int64", ["batch"]),
    ...(hasPast ? { fresh: caches(backbone, "past", "past") } : {}),
  };
  const { hidden, fresh } = forwardStep(backbone, parameters, ids, past);
  const byText = reshape(hidden, ["batch", "time", backbone.width]);
  const counted = unsqueeze(input("counted", "float32", ["batch", "time"]), [2]);
  const last = reshape(slice(byText, 1, minus("time", 1), "time"), ["batch", backbone.width]);
  return compile({
    logits: languageModelHead(backbone, parameters, last),
    sum: reduceSum(mul(byText, counted), [1]),
    ...outputsOf("present", fresh),
  });
}

/**
 * One iteration (Dathathri et al., 2020, section 3.2): the token `ids` `[batch, 1]` is read behind the perturbed past; what it
 * makes likely, as a mixture of embeddings, is read behind the true one; and the past is moved along the gradient of
 * log p(label | mean hidden state) − klScale · KL(perturbed ‖ unperturbed), for each text and block over its norm to
 * the power γ. Its outputs are `moved.*`.
 */
export function perturbProgram(
  backbone: Backbone,
  parameters: Parameters,
  classify: Classify,
  { stepSize, klScale, normExponent }: PplmStep,
): Program {
  const { width, inputEmbedding } = backbone;
  const ids = input("ids", "int64", ["batch", 1]);
  const padding = input("padding", "int64", ["batch"]);
  const past = caches(backbone, "past", "past");
  const { hidden } = forwardStep(backbone, parameters, ids, { padding, fresh: past });
  const logits = languageModelHead(backbone, parameters, hidden);
  const probabilities = softmax(logits);
  const table = parameters(inputEmbedding, backbone.shapes.get(inputEmbedding)!);
  const mixture = matmul(probabilities, table);
  // a row's mixture is looked up as a token of its own
  const mixed: Parameters = Object.assign(
    (name: string, shape: readonly number[]) =>
      name === inputEmbedding ? mixture : parameters(name, shape),
    { quantized: parameters.quantized, lora: parameters.lora },
  );
  const next = forwardStep(backbone, mixed, input("rows", "int64", ["batch", 1]), {
    padding,
    fresh: caches(backbone, "true", "true"),
  });
  // as published: what moves is what may come, and the last token's own state, though perturbed, stands still
  const read = add(input("sum", "float32", ["batch", width]), stopGradient(hidden));
  const sum = add(read, next.hidden);
  const mean = div(sum, input("tokens", "float32", ["batch", 1]));
  const unlike = binaryCrossEntropy(classify(parameters, mean), input("label", "float32", [1, 1]));
  const logP = sub(logits, logSumExp(logits));
  const logQ = input("logits", "float32", ["batch", backbone.vocabulary]);
  const kl = mul(exp(logP), sub(logP, sub(logQ, logSumExp(logQ))));
  const loss = add(sumAll(unlike), mul(sumAll(kl), klScale));
  const slopes = gradients(loss, past.flatMap(({ key, value }) => [key, value]));
  const moved = past.map(({ key, value }, i): LayerCache => {
    const [ofKey, ofValue] = slopes.slice(2 * i);
    const squares = add(
      reduceSum(mul(ofKey, ofKey), [1, 2, 3], { keep: true }),
      reduceSum(mul(ofValue, ofValue), [1, 2, 3], { keep: true }),
    );
    // ‖g‖^γ = exp(γ/2 · log ‖g‖²)
    const scale = exp(mul(log(add(squares, 1e-30)), normExponent / 2));
    const step = (x: Float, slope: Float) => sub(x, mul(div(slope, scale), stepSize));
    return { key: step(key, ofKey), value: step(value, ofValue) };
  });
  return compile(outputsOf("moved", moved));
}

/** log p of a perturbed distribution − log p of the true one, `[batch, 1, k]` of the candidates or of all tokens. */
export function changeProgram({ vocabulary }: Backbone, ofCandidates: boolean): Program {
  const [own, other] = ["perturbed", "logits"].map((name) => {
    const logits = input(name, "float32", ["batch", vocabulary]);
    return sub(logits, logSumExp(logits));
  });
  const all = sub(own, other);
  const scores = ofCandidates ? gatherLast(all, input("candidates", "int64", ["batch", "k"])) : all;
  return compile({ scores: unsqueeze(scores, [1]) });
}
