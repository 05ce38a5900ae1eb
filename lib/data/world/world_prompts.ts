import { Random } from "../../random.ts";
import { createWorld, type World } from "./world.ts";

/** Options of `worldPrompts`. */
export interface WorldPromptsOptions {
  /** The seed; equal seeds give equal prompts, and more prompts begin with the same ones. */
  seed: number;
  /** The number of prompts. */
  count: number;
  /** The least and the greatest number of words. @default {[2, 4]} */
  words?: readonly [least: number, greatest: number];
  /** The world to draw from. @default {createWorld()} */
  world?: World;
}

/** A prompt is undecided if the posterior of either attribute is in this range. */
const undecided = [0.35, 0.65];
/** Draws allowed per prompt; about every second draw gives one while they are not yet used up. */
const drawsPerPrompt = 1000;

/**
 * Draws distinct beginnings of texts from the small world that leave both attributes undecided:
 * P(positive) and P(rude) given the prompt are within 0.35 … 0.65.
 *
 * @throws {RangeError} `count` or `words` is not positive, not whole or not in order, or there are
 * not that many prompts.
 */
export function worldPrompts(
  { seed, count, words = [2, 4], world = createWorld() }: WorldPromptsOptions,
): string[] {
  const [least, greatest] = words;
  for (const value of [count, least, greatest]) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(
        `The number of prompts and of their words must be positive integers: one is ${value}.`,
      );
    }
  }
  if (least > greatest) {
    throw new RangeError(`Prompts cannot have at least ${least} and at most ${greatest} words.`);
  }
  const isUndecided = (probability: number) =>
    probability >= undecided[0] && probability <= undecided[1];

  const prompts = new Set<string>();
  for (let draw = 0; prompts.size < count; draw++) {
    if (draw === count * drawsPerPrompt) {
      throw new RangeError(
        `Only ${prompts.size} of ${count} undecided prompts of ${least} to ${greatest} words were found; ask for fewer or for longer ones.`,
      );
    }
    const random = new Random(seed, "world prompt", draw);
    const sampled = world.sample(random).text.split(" ");
    const length = least + random.integer(greatest - least + 1);
    if (sampled.length <= length) continue;
    const prompt = sampled.slice(0, length).join(" ");
    const { positive, rude } = world.score("", { prompt, finished: false });
    if (isUndecided(positive) && isUndecided(rude)) prompts.add(prompt);
  }
  return [...prompts];
}
