import { Random } from "../../random.ts";
import type { OptionsOf, OptionTable } from "../../options/option.ts";
import { seedOption } from "../../options/seed_option.ts";
import { settle } from "../../options/settle.ts";
import { createWorld } from "./world.ts";
import { worldOption } from "./world_option.ts";

/** What `worldPrompts` takes. */
export const worldPromptsOptions = {
  seed: {
    ...seedOption,
    help: "equal seeds give equal prompts, and more prompts begin with the same ones",
  },
  count: { type: "integer", min: 1, required: true, help: "how many prompts are drawn" },
  words: {
    type: "list",
    of: { type: "integer", min: 1 },
    length: 2,
    default: [2, 4],
    help: "the least and the greatest number of words",
  },
  world: worldOption,
} as const satisfies OptionTable;
export type WorldPromptsOptions = OptionsOf<typeof worldPromptsOptions>;

/** A prompt is undecided if the posterior of either attribute is in this range. */
const undecided = [0.35, 0.65];
/** Draws allowed per prompt; about every second draw gives one while they are not yet used up. */
const drawsPerPrompt = 1000;

/**
 * Draws distinct beginnings of texts from the small world that leave both attributes undecided:
 * P(positive) and P(rude) given the prompt are within 0.35 … 0.65.
 *
 * @throws {TypeError} if an option is unknown or missing.
 * @throws {RangeError} if one is out of range, `words` is not in order, or there are not that many prompts.
 */
export function worldPrompts(options: WorldPromptsOptions): string[] {
  const { seed, count, words: [least, greatest], world = createWorld() } = settle(
    "worldPrompts",
    worldPromptsOptions,
    options,
  );
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
