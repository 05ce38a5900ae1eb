import { gatherLast, reshape, unsqueeze } from "../graph/ops/mod.ts";
import type { BasePart, RaterPart } from "../inference/part.ts";
import { onePassModel, type RewardModelFacts } from "../methods/one_pass.ts";
import type { RewardModel, RewardReading } from "../methods/reward_model.ts";
import { floats, type Value } from "../runtime/value.ts";
import type { BaseModel, BaseReading } from "./base_model.ts";

/** What the one label of a term is called. */
export const termLabel = "logit";

/**
 * A language model as a term of a formula: its score of a token is its logit. Where the model is a part of graphs, so is
 * the term; else all its logits are read, and those of the candidates are taken.
 *
 * @param prefix tokens that it reads before the prompt.
 */
export function languageModelTerm(base: BaseModel, prefix: readonly number[] = []): RewardModel {
  const facts: RewardModelFacts = {
    kind: "lm",
    labels: [termLabel],
    rule: "difference",
    vocabulary: base.vocabulary,
    longestText: base.longestText - prefix.length,
  };
  const { graph } = base;
  if (graph) return onePassModel(facts, termPart(graph.part, prefix), graph.device);
  return {
    ...facts,
    start: async (prompts) =>
      new TermReading(await base.start(prompts.map((prompt) => [...prefix, ...prompt]))),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function termPart(part: BasePart, prefix: readonly number[]): RaterPart {
  const { caches, running, context } = part;
  return {
    caches,
    running,
    context,
    backboneCalls: 1,
    begin: (prompt) => part.begin([...prefix, ...prompt]),
    rate(inputs, candidates) {
      if (candidates && part.candidateLogits) {
        const { logits, ...state } = part.candidateLogits(inputs, candidates);
        return { scores: unsqueeze(logits, [1]), ...state };
      }
      const { logits: all, ...state } = part.logits(inputs);
      const logits = candidates ? gatherLast(all, candidates) : all;
      const [batch, k] = logits.shape;
      return { scores: reshape(logits, [batch, 1, k]), ...state };
    },
  };
}

/** A model that is seen through its logits only. */
class TermReading implements RewardReading {
  readonly #base: BaseReading;
  /** What was taken, and is read when it is known which rows go on. */
  #taken?: readonly number[];
  backboneCalls = 0;

  constructor(base: BaseReading) {
    this.#base = base;
  }

  async rate(candidates?: Value): Promise<Value> {
    if (this.#taken) await this.#base.step(this.#taken);
    this.#taken = undefined;
    const { logits } = this.#base.candidates;
    const [rows, vocabulary] = logits.dims;
    this.backboneCalls += rows;
    if (!candidates) return floats([rows, 1, vocabulary], logits.data as Float32Array);
    const [, k] = candidates.dims;
    const ids = candidates.data as BigInt64Array;
    const rated = Float32Array.from(
      { length: rows * k },
      (_, i) => logits.data[Math.floor(i / k) * vocabulary + Number(ids[i])] as number,
    );
    return floats([rows, 1, k], rated);
  }

  accept(tokens: readonly number[]): Promise<void> {
    this.#taken = tokens;
    return Promise.resolve();
  }

  async select(rows: readonly number[]): Promise<void> {
    await this.#base.select(rows);
    this.#taken = this.#taken && rows.map((row) => this.#taken![row]);
  }

  [Symbol.dispose](): void {
    this.#base[Symbol.dispose]();
  }
}
