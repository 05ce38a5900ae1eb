import { generationOf, stepsOf } from "../decode/generate.ts";
import type { KeptTexts, WholeTextWay } from "./whole_text_way.ts";

/** Texts that are drawn before they are rated. */
const textsAtOnce = 1000;

/**
 * Best-of-n: of every n texts that the base model writes, the one with the highest reward. Among equals it is the first, which is
 * any of them, as all are drawn alike.
 */
export const bestOfN: WholeTextWay = async function* (writing, cost) {
  const { base, prompts, settings: { bestOf, samples, firstPrompt }, alone } = writing;
  const candidates = samples * bestOf;
  const atOnce = Math.max(1, Math.floor(textsAtOnce / candidates));
  for (let first = 0; first < prompts.length; first += atOnce) {
    const some = prompts.slice(first, first + atOnce);
    const { continuations, tokens, finished } = await generationOf(
      stepsOf(
        base,
        some,
        { ...alone, samples: candidates, firstPrompt: firstPrompt + first },
        (prompt, ids) => writing.isStopped(first + prompt, ids),
      ),
    );
    if (!finished) return;
    cost.drawn += tokens;
    const rewards = await writing.rate(
      continuations.flatMap((texts, i) => texts.map((ids) => ({ prompt: first + i, ids }))),
    );
    cost.rated += rewards.length;
    cost.chosen += some.length * samples;
    for (const [i, texts] of continuations.entries()) {
      const own = rewards.slice(i * candidates, (i + 1) * candidates);
      yield bestTexts(first + i, texts, own, bestOf);
    }
  }
};

function bestTexts(
  prompt: number,
  texts: readonly (readonly number[])[],
  rewards: readonly number[],
  n: number,
): KeptTexts {
  const places = Array.from(
    { length: texts.length / n },
    (_, sample) => {
      const own = rewards.slice(sample * n, (sample + 1) * n);
      return sample * n + own.indexOf(Math.max(...own));
    },
  );
  return {
    prompt,
    ids: places.map((place) => texts[place]),
    rewards: places.map((place) => rewards[place]),
    divergence: bestOfNDivergence(rewards, n),
    exhausted: 0,
  };
}

/**
 * KL(q‖p) in nats, with q the best of n texts of p by their rewards.
 *
 * Where F(r) is the share of p's texts with a reward of at most r, and F(r⁻) of those with less, the best of n has the reward r
 * with probability F(r)ⁿ − F(r⁻)ⁿ, and is any of the texts that have it: q(x)/p(x) = (F(r)ⁿ − F(r⁻)ⁿ) / (F(r) − F(r⁻)). Where no
 * two texts have the same reward, KL(q‖p) = log n − (n − 1)/n; it is less where some have. F is that of the given rewards.
 *
 * @param rewards of texts of p, such as all that were drawn.
 */
export function bestOfNDivergence(rewards: readonly number[], n: number): number {
  const sorted = [...rewards].sort((a, b) => a - b);
  const all = sorted.length;
  let divergence = 0;
  for (let below = 0; below < all;) {
    let upTo = below;
    while (upTo < all && sorted[upTo] === sorted[below]) upTo++;
    const share = (upTo / all) ** n - (below / all) ** n;
    // so small that it is 0 in float64
    if (share > 0) divergence += share * Math.log(share * all / (upTo - below));
    below = upTo;
  }
  return divergence;
}
