import type { BaseModel } from "../bases/base_model.ts";
import { continuationText } from "../decode/continuation_text.ts";
import type { Tokenizer } from "../data/tokenizer.ts";
import { generate } from "../decode/generate.ts";
import type { Seed } from "../options/seed_option.ts";
import { Random } from "../random.ts";
import type { Example } from "../train/objective.ts";
import type { TextReward } from "../eval/text_reward.ts";

/** A text that the model wrote while it was trained, and what that was worth. */
export interface Rollout {
  /** The prompt's tokens. */
  readonly prompt: readonly number[];
  /** The tokens after it, without the end of text. */
  readonly tokens: readonly number[];
  /** Whether the text came to its end. */
  readonly ended: boolean;
  /** From 0 to 1. */
  readonly reward: number;
}

/** The same as text. */
export interface WrittenRollout extends Rollout {
  readonly prompted: string;
  readonly text: string;
}

/** A prompt as text and as tokens. */
export interface Prompt {
  readonly text: string;
  readonly ids: readonly number[];
}

/** How an iteration's texts are written. */
export interface RolloutSettings {
  readonly rollouts: number;
  readonly maxNewTokens: number;
  readonly temperature: number;
  readonly topK: number;
  readonly seed: Seed;
}

/** What texts are written from and rated with. */
export interface RolloutSource {
  readonly prompts: readonly Prompt[];
  readonly tokenizer: Tokenizer;
  readonly reward: TextReward;
  /** The token that ends a text. */
  readonly endOfText: number;
}

/**
 * Texts of an iteration: the prompts come in an order drawn for each pass over them, and what is drawn differs from iteration to
 * iteration.
 *
 * @returns undefined if the signal stopped it.
 */
export async function writeRollouts(
  base: BaseModel,
  { prompts, tokenizer, reward, endOfText }: RolloutSource,
  { rollouts, seed, ...sampling }: RolloutSettings,
  iteration: number,
  signal: AbortSignal | undefined,
): Promise<WrittenRollout[] | undefined> {
  const chosen = promptsOf(prompts, { rollouts, seed }, iteration);
  const { continuations, finished } = await generate(base, chosen.map(({ ids }) => ids), {
    ...sampling,
    seed,
    samples: 1,
    ends: [endOfText],
    firstPrompt: iteration * rollouts,
    progress: false,
    signal,
  });
  if (!finished) return undefined;
  const written = chosen.map(({ text: prompted, ids: prompt }, i) => {
    const [tokens] = continuations[i];
    const text = continuationText(tokenizer, prompt, tokens);
    return { prompted, prompt, tokens, text, ended: tokens.length < sampling.maxNewTokens };
  });
  try {
    const rewards = await reward.rate(
      written.map(({ prompted, text, prompt, tokens }) => ({
        prompt: prompted,
        continuation: text,
        ids: [...prompt, ...tokens],
      })),
      signal,
    );
    return written.map((each, i) => ({ ...each, reward: rewards[i] }));
  } catch (error) {
    if (signal?.aborted) return undefined;
    throw error;
  }
}

/** The prompts of an iteration's texts. */
function promptsOf(
  prompts: readonly Prompt[],
  { rollouts, seed }: Pick<RolloutSettings, "rollouts" | "seed">,
  iteration: number,
): Prompt[] {
  const chosen: Prompt[] = [];
  for (let at = iteration * rollouts; chosen.length < rollouts;) {
    const pass = Math.floor(at / prompts.length);
    const order = new Random(seed, "prompts", pass).shuffle(prompts.map((_, i) => i));
    const from = at % prompts.length;
    const some = order.slice(from, from + rollouts - chosen.length);
    chosen.push(...some.map((i) => prompts[i]));
    at += some.length;
  }
  return chosen;
}

/** A text to learn from, whose prompt is given. */
export function exampleOf({ prompt, tokens, ended }: Rollout): Example {
  return { ids: [...prompt, ...tokens], labels: [], goesOn: !ended, given: prompt.length };
}
