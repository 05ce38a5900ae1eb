import type { BaseModel } from "../bases/base_model.ts";
import { namedRows } from "../named_rows.ts";
import { baseModelKind } from "../bases/base_model_kind.ts";
import type { Tokenizer } from "../data/tokenizer.ts";
import { tokenizerKind } from "../data/tokenizer_kind.ts";
import { continuationText } from "../decode/continuation_text.ts";
import { generateOptions, settledGeneration } from "../decode/generate_options.ts";
import { generationDisplay } from "../decode/generation_display.ts";
import { StopStrings } from "../decode/stop_strings.ts";
import type { TextGeneration } from "../decode/text_generation.ts";
import {
  checkPrompts,
  type TextPrompt,
  type TokenizedPrompt,
  tokenizedPrompts,
} from "../decode/text_prompts.ts";
import { type Rater, textReward, type WrittenText } from "../eval/text_reward.ts";
import { requireRoom } from "../inference/text_room.ts";
import { rewardModelKind } from "../methods/reward_model_kind.ts";
import { requireTrunk } from "../methods/shared_trunk.ts";
import { interruptible } from "../notebook/interruption.ts";
import { displayedAs } from "../notebook/display.ts";
import { checkArgument, settle } from "../options/settle.ts";
import { bestOfN } from "./best_of_n.ts";
import { cards } from "./cards.ts";
import {
  type DrawTextsOptions,
  drawTextsOptions,
  type SettledDrawTextsOptions,
  wholeTextMethods,
} from "./draw_texts_options.ts";
import type { DrawingCost, KeptTexts, WholeTextWay, Writing } from "./whole_text_way.ts";

/** Texts that were drawn as a whole, or segment by segment, and what that cost. Notebooks show them as text. */
export interface DrawnTexts extends TextGeneration {
  /** The reward of each text that was kept, from 0 to 1, `[prompt][sample]`. */
  readonly rewards: readonly (readonly number[])[];
  /**
   * KL(q‖p) from the base model's sampler p, in nats a text, prompt by prompt: an estimate; where tries ran out, at most about as
   * much.
   */
  readonly divergences: readonly number[];
  /**
   * What each token that was kept took: tokens that the base model drew beside it, and texts, or beginnings of texts, that were
   * rated.
   */
  readonly backboneCalls: readonly number[];
  /** The share of choices for which the tries ran out. */
  readonly ranOut: number;
  /** How many of a prompt's texts have a part that was taken because the tries ran out, prompt by prompt. */
  readonly exhausted: readonly number[];
}

/** The ways to draw whole texts. A new one is one file here and one line. */
const waysToDraw = { "best-of-n": bestOfN, cards } as const satisfies Record<
  typeof wholeTextMethods[number],
  WholeTextWay
>;

/**
 * Continues prompts with texts of a base model that are chosen by their rewards: the best of n, or segments that are drawn until they
 * are accepted. The base model writes as it does by itself; only which of its texts are kept depends on the reward.
 *
 * @throws what `generateTexts` throws.
 * @throws {RangeError} if what rates has no such label, or another vocabulary than the base model.
 * @throws {TypeError} if it compares next tokens only, or nothing is drawn, at temperature 0.
 */
export async function drawTexts(
  base: BaseModel,
  tokenizer: Tokenizer,
  prompts: readonly TextPrompt[],
  options: DrawTextsOptions,
): Promise<DrawnTexts> {
  checkArgument("drawTexts", "base", baseModelKind, base);
  checkArgument("drawTexts", "tokenizer", tokenizerKind, tokenizer);
  checkPrompts("drawTexts", prompts);
  const given = settle("drawTexts", drawTextsOptions, options);
  using work = interruptible(given.signal);
  const settings = { ...given, signal: work.signal };
  const { rater } = settings.reward;
  const stops = new StopStrings(tokenizer, settings.stop);
  const tokenized = tokenizedPrompts(base, tokenizer, prompts, {
    ...settings,
    ...(rewardModelKind.is(rater) ? { guides: [{ model: rater }] } : {}),
  });
  await check(base, rater, tokenized, settings);
  const isChat = settings.chat ?? prompts.some((prompt) => typeof prompt !== "string");
  const writing = writingOf(base, tokenizer, tokenized, stops, isChat, settings);
  const cost: DrawingCost = { drawn: 0, rated: 0, ranOut: 0, chosen: 0 };
  const kept: KeptTexts[] = [];
  for await (const texts of waysToDraw[settings.method](writing, cost)) {
    kept[texts.prompt] = texts;
    settings.onPrompt?.(texts.prompt, texts.ids);
  }
  const written = tokenized.map((_, prompt) => kept[prompt] ?? nothing);
  const ids = written.map(({ ids }) => ids);
  const tokens = ids.flat().reduce(
    (sum, { length }) => sum + Math.min(settings.maxNewTokens, length + 1),
    0,
  );
  const generation: DrawnTexts = {
    texts: tokenized.map(({ text: prompt, messages, ids: promptIds }, i) => ({
      prompt,
      ...(messages ? { messages } : {}),
      continuations: ids[i].map((own) => stops.cut(continuationText(tokenizer, promptIds, own))),
    })),
    ids,
    promptIds: tokenized.map(({ ids }) => ids),
    rewards: written.map(({ rewards }) => rewards),
    divergences: written.map(({ divergence }) => divergence),
    finished: Object.keys(kept).length === prompts.length,
    tokens,
    backboneCalls: [cost.drawn / tokens - 1, cost.rated / tokens].map((calls) =>
      tokens > 0 ? calls : 0
    ),
    ranOut: cost.ranOut / Math.max(1, cost.chosen),
    exhausted: written.map(({ exhausted }) => exhausted),
  };
  return displayedAs(
    generation,
    () => generationDisplay(generation, tokenizer, writing.alone.ends!),
  );
}

const nothing = { ids: [], rewards: [], divergence: NaN, exhausted: 0 } as const;

/** Refuses what cannot be drawn from, before any work begins. */
async function check(
  base: BaseModel,
  rater: Rater,
  prompts: readonly TokenizedPrompt[],
  { temperature, maxNewTokens }: SettledDrawTextsOptions,
): Promise<void> {
  if (temperature === 0) {
    throw new TypeError(
      "At temperature 0 all texts of a prompt are the same, so there is nothing to choose from: leave 'temperature' out.",
    );
  }
  const before = base.begin([0]).length - 1;
  const about = {
    beside: `with ${maxNewTokens} new ones`,
    advice: "shorten it, or ask for fewer new tokens",
  };
  for (const [i, { read }] of prompts.entries()) {
    const name = `Prompt ${i + 1}`;
    requireRoom(name, read.base.length - before, base.longestText - maxNewTokens, about);
    if (!rewardModelKind.is(rater)) continue;
    requireRoom(name, read.rated.length, rater.longestText - maxNewTokens, about);
  }
  if (rewardModelKind.is(rater)) await requireTrunk(rater, base.graph?.trunkAt);
}

function writingOf(
  base: BaseModel,
  tokenizer: Tokenizer,
  prompts: readonly TokenizedPrompt[],
  stops: StopStrings,
  isChat: boolean,
  settings: SettledDrawTextsOptions,
): Writing {
  const { rater, label, inverse, reads } = settings.reward;
  const reward = textReward(rater, { label, inverse: inverse ?? false, reads }, base.vocabulary);
  const { topK, topP, minP, repetitionPenalty, baseTopP, temperature } = settings;
  const { seed, firstPrompt, batchSize, maxNewTokens, label: name, progress, signal } = settings;
  const ends = [...new Set([...settings.ends ?? base.ends, ...stops.ends])];
  // of a chat what is rated is what reward models read of it
  const before = prompts.map(({ text, read }) => isChat ? tokenizer.decode(read.rated) : text);
  return {
    base,
    prompts: prompts.map(({ read }) => read),
    settings,
    alone: settledGeneration("drawTexts", generateOptions, {
      ...{ topK, topP, minP, repetitionPenalty, baseTopP, temperature },
      ...{ seed, firstPrompt, batchSize, maxNewTokens, label: name, progress, signal, ends },
    }),
    isStopped: (prompt, ids) => stops.isCompletedBy(prompts[prompt].ids, ids),
    async rate(texts) {
      const rewards = await reward.rate(
        texts.map(({ prompt, ids }): WrittenText => {
          const { read, ids: promptIds } = prompts[prompt];
          return {
            prompt: before[prompt],
            continuation: stops.cut(continuationText(tokenizer, promptIds, ids)),
            ids: [...read.rated, ...ids],
          };
        }),
        signal,
      );
      const wrong = texts.filter((_, i) => !Number.isFinite(rewards[i]));
      if (wrong.length === 0) return rewards;
      const rows = [...new Set(wrong.map(({ prompt }) => firstPrompt + prompt + 1))];
      throw new Error(
        `The ${
          rewardModelKind.is(rater) ? `reward model (${rater.kind})` : `scorer '${rater.name}'`
        } gave a reward that is no number for ${wrong.length} of ${texts.length} texts, of prompt ${
          namedRows(rows)
        }; check its weights.`,
      );
    },
  };
}
