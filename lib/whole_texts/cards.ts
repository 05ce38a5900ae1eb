import { mean } from "../eval/mean.ts";
import { Progress } from "../progress.ts";
import { Random } from "../random.ts";
import { type OpenText, type Segment, writeSegments } from "./segments.ts";
import type { SettledDrawTextsOptions } from "./draw_texts_options.ts";
import type { DrawingCost, KeptTexts, WholeTextWay } from "./whole_text_way.ts";

/**
 * Cascade reward sampling (CARDS: Li et al., 2024): a text is drawn segment by segment, each by rejection: a candidate s behind the
 * text so far is accepted with the probability min(1, exp(β (r − τ))), r being the reward of the text with it. The threshold τ
 * rises with the length, as the authors have it. After `maxTries` candidates the best of them is taken.
 */
export const cards: WholeTextWay = async function* (writing, cost) {
  const { prompts, settings } = writing;
  const { samples, batchSize, progress, label, signal } = settings;
  const first = await writing.rate(prompts.map((_, prompt) => ({ prompt, ids: [] })));
  cost.rated += first.length;
  const waiting = prompts.flatMap((_, prompt) =>
    Array.from({ length: samples }, (_, sample) => new CascadeText(prompt, sample, settings, first))
  ).reverse();
  const done = prompts.map((): CascadeText[] => []);
  const total = waiting.length;
  const bar = progress ? new Progress({ label, total, unit: "texts" }) : undefined;
  let finished = 0;
  let going: CascadeText[] = [];
  while (finished < total) {
    if (signal?.aborted) break;
    while (going.length < batchSize && waiting.length > 0) going.push(waiting.pop()!);
    const written = await writeSegments(writing, going);
    if (!written) break;
    cost.drawn += written.drawn;
    const { segments } = written;
    const rewards = await writing.rate(
      going.map(({ prompt, ids }, i) => ({ prompt, ids: [...ids, ...segments[i].ids] })),
    );
    cost.rated += rewards.length;
    going.forEach((text, i) => text.consider(segments[i], rewards[i], cost));
    const ended = going.filter(({ hasEnded }) => hasEnded);
    going = going.filter(({ hasEnded }) => !hasEnded);
    finished += ended.length;
    bar?.update(finished);
    for (const text of ended) {
      const own = done[text.prompt];
      own.push(text);
      if (own.length === samples) yield keptTexts(text.prompt, own);
    }
  }
  bar?.done();
};

function keptTexts(prompt: number, texts: readonly CascadeText[]): KeptTexts {
  const inOrder = texts.toSorted((a, b) => a.sample - b.sample);
  return {
    prompt,
    ids: inOrder.map(({ ids }) => ids),
    rewards: inOrder.map(({ reward }) => reward),
    divergence: mean(inOrder.map(({ logRatio }) => logRatio)),
    exhausted: inOrder.filter(({ ranOut }) => ranOut).length,
  };
}

/** A text that grows by segments. */
class CascadeText implements OpenText {
  readonly prompt: number;
  readonly sample: number;
  readonly #settings: SettledDrawTextsOptions;
  readonly #random: Random;
  /** Where the threshold begins. */
  readonly #start: number;
  ids: readonly number[] = [];
  reward: number;
  hasEnded = false;
  /** Whether a segment of it was taken for want of tries. */
  ranOut = false;
  attempts = 0;
  /** An estimate of log q(x) − log p(x) of the text so far. */
  logRatio = 0;
  #tries = 0;
  #best?: { readonly segment: Segment; readonly reward: number };

  /** @param rewards of the prompts alone. */
  constructor(
    prompt: number,
    sample: number,
    settings: SettledDrawTextsOptions,
    rewards: readonly number[],
  ) {
    const { seed, firstPrompt, firstTarget, targetReward } = settings;
    this.prompt = prompt;
    this.sample = sample;
    this.reward = rewards[prompt];
    this.#settings = settings;
    this.#random = new Random(seed, "acceptance", firstPrompt + prompt, sample);
    this.#start = (1 - firstTarget) * this.reward + firstTarget * targetReward;
  }

  /**
   * Takes a candidate for the next segment, or does not.
   *
   * The law of an accepted segment is q(s) = p(s) a(s) / A with A = E_p[a]; that it took N tries says of A that E[H_{N−1}] = −log A,
   * where H is the harmonic number, so that log a(s) + H_{N−1} is an unbiased estimate of log q(s) − log p(s) in the mean. One of
   * n that was taken for want of tries is at most about n times as likely as in p, which bounds its part of the divergence.
   */
  consider(segment: Segment, reward: number, cost: DrawingCost): void {
    const { beta, maxTries, maxNewTokens, targetReward } = this.#settings;
    this.attempts++;
    this.#tries++;
    if (!this.#best || reward > this.#best.reward) this.#best = { segment, reward };
    if (this.#tries >= maxTries) {
      this.ranOut = true;
      cost.ranOut++;
      cost.chosen++;
      this.#take(this.#best.segment, this.#best.reward, Math.log(maxTries));
      return;
    }
    const length = this.ids.length + segment.ids.length;
    const risen = this.#start + length * (targetReward - this.#start) / maxNewTokens;
    const logChance = Math.min(0, beta * (reward - Math.min(risen, targetReward)));
    if (this.#random.uniform() >= Math.exp(logChance)) return;
    cost.chosen++;
    this.#take(segment, reward, logChance + harmonic(this.#tries - 1));
  }

  #take({ ids, ends }: Segment, reward: number, logRatio: number): void {
    this.ids = [...this.ids, ...ids];
    this.reward = reward;
    this.logRatio += logRatio;
    this.hasEnded = ends || this.ids.length >= this.#settings.maxNewTokens;
    this.#tries = 0;
    this.#best = undefined;
  }
}

/** H_n = 1 + 1/2 + … + 1/n. */
function harmonic(n: number): number {
  let sum = 0;
  for (let i = 1; i <= n; i++) sum += 1 / i;
  return sum;
}
