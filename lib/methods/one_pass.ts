import { input } from "../graph/tensor.ts";
import { BranchSession } from "../inference/branch_session.ts";
import type { RaterPart } from "../inference/part.ts";
import { type PartReading, PartSession } from "../inference/part_session.ts";
import type { Device } from "../runtime/device.ts";
import { Lazy } from "../runtime/lazy.ts";
import type { Value } from "../runtime/value.ts";
import type { RewardModel, RewardReading } from "./reward_model.ts";

/** What a reward model says of itself. */
export type RewardModelFacts = Pick<
  RewardModel,
  "kind" | "labels" | "rule" | "textRating" | "vocabulary" | "longestText" | "trunk"
>;

/**
 * A reward model that rates all next tokens from what it has read. Its own graphs, for base models that are seen
 * through their logits only, are loaded when they are first used.
 *
 * @param shared its part in one graph with the base model, where that is another.
 */
export function onePassModel(
  facts: RewardModelFacts,
  part: RaterPart,
  device: Device,
  shared: RaterPart = part,
): RewardModel {
  const openSession = (all: boolean) =>
    PartSession.open(part, (inputs) => {
      const candidates = all ? undefined : input("candidates", "int64", ["batch", "k"]);
      const { scores, ...state } = part.rate(inputs, candidates);
      return { ...state, outputs: { scores } };
    }, device);
  const ofCandidates = new Lazy(() => openSession(false));
  const ofAll = new Lazy(() => openSession(true));
  return {
    ...facts,
    part: shared,
    openBranches: () => BranchSession.open(part, device),
    start: (prompts, options) => {
      const begun = options?.begun ? prompts : prompts.map((prompt) => part.begin(prompt));
      const start = async (all: boolean) => (await (all ? ofAll : ofCandidates).get()).start(begun);
      return Promise.resolve(new OnePassReading(part, start));
    },
    async [Symbol.asyncDispose]() {
      await ofCandidates[Symbol.asyncDispose]();
      await ofAll[Symbol.asyncDispose]();
    },
  };
}

/** The prompts are read when the first candidates are rated, each later token with those that follow it. */
class OnePassReading implements RewardReading {
  readonly #part: RaterPart;
  readonly #start: (all: boolean) => Promise<PartReading>;
  #reading?: PartReading;
  backboneCalls = 0;

  constructor(part: RaterPart, start: (all: boolean) => Promise<PartReading>) {
    this.#part = part;
    this.#start = start;
  }

  async rate(candidates?: Value): Promise<Value> {
    this.#reading ??= await this.#start(candidates === undefined);
    const { scores } = await this.#reading.read(candidates ? { candidates } : {});
    this.backboneCalls += scores.dims[0] * this.#part.backboneCalls;
    return scores;
  }

  accept(tokens: readonly number[]): Promise<void> {
    this.#reading?.accept(tokens);
    return Promise.resolve();
  }

  async select(rows: readonly number[]): Promise<void> {
    if (!this.#reading) throw new TypeError("Rate candidates before rows are selected.");
    await this.#reading.select(rows);
  }

  [Symbol.dispose](): void {
    this.#reading?.[Symbol.dispose]();
  }
}
