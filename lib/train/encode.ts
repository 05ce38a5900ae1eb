import { type Seed } from "../options/seed_option.ts";
import { createHash } from "node:crypto";
import type { Tokenizer } from "../data/tokenizer.ts";
import { Progress } from "../progress.ts";
import { Random } from "../random.ts";
import { Turns } from "../turns.ts";
import { type Example, textsOf } from "./objective.ts";

/**
 * Turns texts into examples. Texts longer than `maxTokens` are cut there.
 *
 * @param labels `[texts, labels]` row-major, or none.
 */
export async function encodeTexts(
  tokenizer: Tokenizer,
  texts: readonly string[],
  maxTokens: number,
  labels: Float32Array = new Float32Array(0),
): Promise<Example[]> {
  const perText = labels.length / Math.max(1, texts.length);
  const progress = new Progress({ label: "Tokenizing", total: texts.length, unit: "texts" });
  const examples: Example[] = [];
  const turns = new Turns();
  for (const [i, text] of texts.entries()) {
    progress.update(i);
    examples.push({
      ids: Int32Array.from(tokenizer.encode(text).slice(0, maxTokens)),
      labels: labels.subarray(i * perText, (i + 1) * perText),
    });
    await turns.take();
  }
  progress.done();
  return examples;
}

/** The examples. @throws {RangeError} if one holds a token that a model of this vocabulary does not have. */
export function withinVocabulary(
  examples: readonly Example[],
  vocabulary: number,
): readonly Example[] {
  for (const [i, { ids }] of textsOf(examples).entries()) {
    for (let t = 0; t < ids.length; t++) {
      if (ids[t] < vocabulary) continue;
      throw new RangeError(
        `Text ${i + 1} holds token ${
          ids[t]
        }, but the model's vocabulary has ${vocabulary} tokens: ` +
          "its tokenizer is another model's",
      );
    }
  }
  return examples;
}

/** Cuts examples longer than `maxTokens` into pieces; all but the last piece of a text go on. */
export function piecesOf(examples: readonly Example[], maxTokens: number): Example[] {
  return examples.flatMap(({ ids, labels }) => {
    const pieces: Example[] = [];
    for (let start = 0; start === 0 || start < ids.length; start += maxTokens) {
      const end = start + maxTokens;
      pieces.push({
        ids: Array.prototype.slice.call(ids, start, end),
        labels,
        goesOn: end < ids.length,
      });
    }
    return pieces;
  });
}

/** The same texts where their first token is read in place of BOS; those without another are left out. */
export function withoutBos(examples: readonly Example[]): Example[] {
  return examples.filter(({ ids }) => ids.length > 1).map(({ ids, ...example }) => ({
    ...example,
    before: ids[0],
    ids: Array.prototype.slice.call(ids, 1),
  }));
}

/** Takes a share of the examples, drawn by the seed, away for evaluation. */
export function holdOut(
  examples: readonly Example[],
  share: number,
  seed: Seed,
): { training: Example[]; evaluation: Example[] } {
  const order = new Random(seed, "hold out").shuffle(examples.map((_, i) => i));
  const held = new Set(order.slice(0, Math.floor(share * examples.length)));
  return {
    training: examples.filter((_, i) => !held.has(i)),
    evaluation: examples.filter((_, i) => held.has(i)),
  };
}

/** A fingerprint of tokens and labels, by which a resumed run knows its data. */
export function fingerprint(examples: readonly Example[]): string {
  const hash = createHash("sha256");
  for (const { ids, labels, goesOn, given, before } of textsOf(examples)) {
    hash.update(new Uint8Array(Int32Array.of(ids.length, goesOn ? 1 : 0).buffer));
    // only where there are any, so that runs of before are found again
    if (given) hash.update(new Uint8Array(Int32Array.of(given).buffer));
    if (before !== undefined) hash.update(new Uint8Array(Int32Array.of(before).buffer));
    hash.update(new Uint8Array(Int32Array.from(ids).buffer));
    hash.update(new Uint8Array(Float32Array.from(labels).buffer));
  }
  return hash.digest("hex").slice(0, 16);
}
