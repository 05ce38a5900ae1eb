import type { PreferencePairs } from "../data/preference_pairs.ts";
import type { Tokenizer } from "../data/tokenizer.ts";
import { Progress } from "../progress.ts";
import { Turns } from "../turns.ts";
import type { Example } from "./objective.ts";

/**
 * Turns preference pairs into examples: the text of each is its prompt and the chosen answer, and `rejected` has the other.
 * Prompt and answer are tokenized each by itself, as they are when a prompt is continued. Texts longer than `maxTokens` are
 * cut there.
 *
 * @throws {RangeError} if an answer has no token, or a prompt leaves no room for one.
 */
export async function encodePairs(
  tokenizer: Tokenizer,
  { prompts, chosen, rejected }: PreferencePairs,
  maxTokens: number,
): Promise<Example[]> {
  const progress = new Progress({ label: "Tokenizing", total: prompts.length, unit: "pairs" });
  const turns = new Turns();
  const examples: Example[] = [];
  for (const [i, text] of prompts.entries()) {
    progress.update(i);
    const prompt = tokenizer.encode(text);
    if (prompt.length >= maxTokens) {
      throw new RangeError(
        `The prompt of pair ${
          i + 1
        } has ${prompt.length} tokens, and ${maxTokens} are read of a text: ` +
          "shorten it, or take a model of longer context",
      );
    }
    const answered = (answer: string, role: string): Example => {
      const ids = [...prompt, ...tokenizer.encode(answer ?? "")];
      if (ids.length === prompt.length) {
        throw new RangeError(`Pair ${i + 1} has no ${role} text: leave it out, or fill it in`);
      }
      return {
        ids: Int32Array.from(ids.slice(0, maxTokens)),
        labels: [],
        goesOn: ids.length > maxTokens,
        given: prompt.length,
      };
    };
    examples.push({
      ...answered(chosen[i], "chosen"),
      rejected: answered(rejected[i], "rejected"),
    });
    await turns.take();
  }
  progress.done();
  return examples;
}
