import type { BaseModel } from "../../bases/base_model.ts";
import { type Follower, followTexts } from "./followed_texts.ts";
import { type StepSpeed, timeSteps } from "./step_speed.ts";

/** What reduced precision does to a language model. */
export interface LanguageModelEffect {
  /** Tokens that were predicted. */
  readonly tokens: number;
  /** ‖z′ − z‖ / ‖z‖ over the logits of all tokens at all places, each place's mean taken away: softmax does not see it. */
  readonly logitError: number;
  /** exp of the mean negative log-likelihood of a token. */
  readonly perplexity: { readonly whole: number; readonly reduced: number };
  /** A step that ends in the 20 likeliest candidates. */
  readonly step: StepSpeed;
}

export interface EffectOptions {
  /** Texts of the step that is timed. Default 25. */
  rows?: number;
  /** Steps that are timed, as far as the context allows. Default 30. */
  steps?: number;
}

/**
 * Compares a language model with its copy in reduced precision on texts (token ids), each read from its beginning as
 * the models read a text without a prompt.
 *
 * @throws {RangeError} if there are no tokens.
 */
export async function languageModelEffect(
  whole: BaseModel,
  reduced: BaseModel,
  texts: readonly (readonly number[])[],
  { rows = 25, steps = 30 }: EffectOptions = {},
): Promise<LanguageModelEffect> {
  const sums = { tokens: 0, error: 0, size: 0, whole: 0, reduced: 0 };
  await followTexts(
    cutTo(whole.longestText, texts),
    async (rows) => await startPair(whole, reduced, Array(rows).fill([])),
    ({ whole, reduced }, next) => {
      const [z, other] = [whole, reduced].map(({ candidates }) =>
        candidates.logits.data as Float32Array
      );
      const vocabulary = z.length / next.length;
      next.forEach((token, row) => {
        const at = (logits: Float32Array) =>
          centred(logits.subarray(row * vocabulary, (row + 1) * vocabulary));
        const [a, b] = [at(z), at(other)];
        for (let i = 0; i < vocabulary; i++) {
          sums.error += (b[i] - a[i]) ** 2;
          sums.size += a[i] ** 2;
        }
        sums.whole += negativeLogLikelihood(a, token);
        sums.reduced += negativeLogLikelihood(b, token);
      });
      sums.tokens += next.length;
    },
  );
  if (sums.tokens === 0) throw new RangeError("There are no tokens to compare the models on");
  const prompts = Array.from({ length: rows }, (_, row) => texts[row % texts.length].slice(0, 4));
  using pair = await startPair(whole, reduced, prompts, Math.min(20, whole.vocabulary));
  const tokens = prompts.map(() => whole.ends[0]);
  return {
    tokens: sums.tokens,
    logitError: Math.sqrt(sums.error / sums.size),
    perplexity: {
      whole: Math.exp(sums.whole / sums.tokens),
      reduced: Math.exp(sums.reduced / sums.tokens),
    },
    step: await timeSteps(
      () => pair.whole.step(tokens),
      () => pair.reduced.step(tokens),
      Math.max(1, Math.min(steps, whole.longestText - 6)),
    ),
  };
}

/** Texts without what is beyond a context. */
export function cutTo(
  longest: number,
  texts: readonly (readonly number[])[],
): (readonly number[])[] {
  return texts.map((text) => text.slice(0, longest));
}

/** Both models on the same texts. */
async function startPair(
  whole: BaseModel,
  reduced: BaseModel,
  prompts: readonly (readonly number[])[],
  k?: number,
) {
  const readings = {
    whole: await whole.start(prompts, k),
    reduced: await reduced.start(prompts, k),
  };
  const both = Object.values(readings);
  return {
    ...readings,
    async select(rows) {
      for (const reading of both) await reading.select(rows);
    },
    async step(tokens) {
      for (const reading of both) await reading.step(tokens);
    },
    [Symbol.dispose]() {
      for (const reading of both) reading[Symbol.dispose]();
    },
  } satisfies Follower & Disposable & typeof readings;
}

function centred(logits: Float32Array): Float64Array {
  let sum = 0;
  for (const logit of logits) sum += logit;
  const mean = sum / logits.length;
  return Float64Array.from(logits, (logit) => logit - mean);
}

function negativeLogLikelihood(logits: Float64Array, token: number): number {
  let largest = -Infinity;
  for (const logit of logits) if (logit > largest) largest = logit;
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - largest);
  return largest + Math.log(sum) - logits[token];
}
