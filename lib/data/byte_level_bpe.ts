import { join } from "node:path";
import { cannotWrite } from "../files/file_errors.ts";
import { writeAtomically } from "../files/atomic_write.ts";
import { byteCharacters } from "../tokenization/byte_characters.ts";
import { byteLevelWords } from "../tokenization/pre_tokenizers.ts";
import { MergeQueue } from "./merge_queue.ts";

/** The token that begins and ends texts. */
export const endOfText = "<|endoftext|>";

/** The largest vocabulary; a pair of ids must fit into the integers of a float64. */
const largestVocabulary = 2 ** 24;

export interface ByteLevelBpeOptions {
  /** The number of tokens, 256 bytes and `<|endoftext|>` included; at least 257. */
  vocabSize: number;
  /** Pairs that occur less often are not merged, even if the vocabulary stays smaller. @default {2} */
  minFrequency?: number;
  /** Called after each merge with the number of merges made and the greatest number there can be. */
  onProgress?: (merges: number, total: number) => void;
}

/** The content of a `tokenizer.json` with a byte-level BPE, as Hugging Face `tokenizers` reads it. */
export interface TokenizerJson {
  version: "1.0";
  truncation: null;
  padding: null;
  added_tokens: {
    id: number;
    content: string;
    single_word: boolean;
    lstrip: boolean;
    rstrip: boolean;
    normalized: boolean;
    special: boolean;
  }[];
  normalizer: null;
  pre_tokenizer: ByteLevel;
  post_processor: ByteLevel;
  decoder: ByteLevel;
  model: {
    type: "BPE";
    dropout: null;
    unk_token: null;
    continuing_subword_prefix: null;
    end_of_word_suffix: null;
    fuse_unk: boolean;
    byte_fallback: boolean;
    vocab: Record<string, number>;
    /** The two tokens of each merge, separated by a blank, in the order of merging. */
    merges: string[];
  };
}

interface ByteLevel {
  type: "ByteLevel";
  add_prefix_space: boolean;
  trim_offsets: boolean;
  use_regex: boolean;
}

/**
 * Trains a byte-level BPE as GPT-2's: text is split into words by GPT-2's pattern, words are bytes
 * at first, and the most frequent pair of neighbouring tokens is merged again and again. Among
 * equally frequent pairs that of smaller ids comes first, so that the merges are those of Hugging
 * Face's `BpeTrainer` on the same texts. `<|endoftext|>` is the last id.
 *
 * @throws {RangeError} An option is out of range, or there is no text.
 */
export function trainByteLevelBpe(
  texts: Iterable<string>,
  { vocabSize, minFrequency = 2, onProgress }: ByteLevelBpeOptions,
): TokenizerJson {
  if (!Number.isInteger(vocabSize) || vocabSize < 257 || vocabSize > largestVocabulary) {
    throw new RangeError(
      `The vocabulary size must be an integer from 257 to ${largestVocabulary}: it is ${vocabSize}.`,
    );
  }
  if (!Number.isInteger(minFrequency) || minFrequency < 1) {
    throw new RangeError(`The least frequency must be a positive integer: it is ${minFrequency}.`);
  }
  const frequencies = wordFrequencies(texts);
  if (frequencies.size === 0) {
    throw new RangeError("There is no text to train a tokenizer on; give at least one word.");
  }

  const tokens = [...byteCharacters].sort();
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const byteIds = byteCharacters.map((character) => ids.get(character)!);
  const words = [...frequencies].map(([word, frequency]) => ({
    ids: Array.from(new TextEncoder().encode(word), (byte) => byteIds[byte]),
    frequency,
  }));

  const pairs = new PairTable();
  for (const [index, word] of words.entries()) {
    for (let i = 0; i + 1 < word.ids.length; i++) {
      pairs.add(word.ids[i], word.ids[i + 1], word.frequency, index);
    }
  }
  pairs.enqueueChanged();

  const merges: string[] = [];
  const total = vocabSize - 1 - tokens.length;
  while (tokens.length < vocabSize - 1) {
    const pair = pairs.takeMostFrequent(minFrequency);
    if (pair === undefined) break;
    const { left, right } = pair;
    const merged = tokens[left] + tokens[right];
    // Two different pairs can spell the same token.
    const id = ids.get(merged) ?? tokens.push(merged) - 1;
    ids.set(merged, id);
    merges.push(`${tokens[left]} ${tokens[right]}`);
    for (const index of pair.words) mergeInWord(words[index], index, left, right, id, pairs);
    pairs.remove(left, right);
    pairs.enqueueChanged();
    onProgress?.(merges.length, total);
  }
  tokens.push(endOfText);
  return tokenizerJson(tokens, merges);
}

/**
 * Writes `tokenizer.json` and `tokenizer_config.json` (as a `GPT2Tokenizer`) into a folder, which is
 * made if it is missing.
 *
 * @param modelMaxLength The context of the model, in tokens; left out if undefined.
 * @throws {Error} The file system refuses; a file that was there before is then unchanged.
 */
export async function writeTokenizer(
  dir: string,
  json: TokenizerJson,
  { modelMaxLength }: { modelMaxLength?: number } = {},
): Promise<void> {
  await Deno.mkdir(dir, { recursive: true }).catch((cause) => {
    throw cannotWrite(dir, cause);
  });
  await writeAtomically(join(dir, "tokenizer.json"), JSON.stringify(json, null, 2) + "\n");
  const config = {
    tokenizer_class: "GPT2Tokenizer",
    add_prefix_space: false,
    bos_token: endOfText,
    eos_token: endOfText,
    unk_token: endOfText,
    clean_up_tokenization_spaces: false,
    model_max_length: modelMaxLength,
  };
  await writeAtomically(join(dir, "tokenizer_config.json"), JSON.stringify(config, null, 2) + "\n");
}

function wordFrequencies(texts: Iterable<string>): Map<string, number> {
  const frequencies = new Map<string, number>();
  for (const text of texts) {
    for (const word of text.match(byteLevelWords) ?? []) {
      frequencies.set(word, (frequencies.get(word) ?? 0) + 1);
    }
  }
  return frequencies;
}

/** How often each pair of neighbouring ids occurs, and the words it occurs in. */
class PairTable {
  readonly #counts = new Map<number, number>();
  /** Words in which the pair occurs, or did before another merge. */
  readonly #words = new Map<number, Set<number>>();
  readonly #queue = new MergeQueue();
  readonly #increased = new Set<number>();

  add(left: number, right: number, count: number, word: number): void {
    const pair = left * largestVocabulary + right;
    this.#counts.set(pair, (this.#counts.get(pair) ?? 0) + count);
    const words = this.#words.get(pair);
    if (words === undefined) this.#words.set(pair, new Set([word]));
    else words.add(word);
    this.#increased.add(pair);
  }

  subtract(left: number, right: number, count: number): void {
    const pair = left * largestVocabulary + right;
    this.#counts.set(pair, (this.#counts.get(pair) ?? 0) - count);
  }

  remove(left: number, right: number): void {
    const pair = left * largestVocabulary + right;
    this.#counts.delete(pair);
    this.#words.delete(pair);
  }

  /** Counts that fell are left to be seen when the pair is taken; those that rose must be queued. */
  enqueueChanged(): void {
    for (const pair of this.#increased) {
      const count = this.#counts.get(pair) ?? 0;
      if (count > 0) this.#queue.push(pair, count);
    }
    this.#increased.clear();
  }

  /** The most frequent pair, or undefined if none occurs at least `least` times. */
  takeMostFrequent(
    least: number,
  ): { left: number; right: number; words: Iterable<number> } | undefined {
    while (true) {
      const first = this.#queue.pop();
      if (first === undefined) return undefined;
      const count = this.#counts.get(first.pair) ?? 0;
      if (count !== first.count) {
        if (count > 0) this.#queue.push(first.pair, count);
        continue;
      }
      if (count < least) return undefined;
      const right = first.pair % largestVocabulary;
      const left = (first.pair - right) / largestVocabulary;
      return { left, right, words: this.#words.get(first.pair) ?? [] };
    }
  }
}

/** Replaces the pair by `id` from left to right, and counts the neighbours that this changes. */
function mergeInWord(
  word: { ids: number[]; frequency: number },
  index: number,
  left: number,
  right: number,
  id: number,
  pairs: PairTable,
): void {
  const { ids, frequency } = word;
  for (let i = 0; i + 1 < ids.length; i++) {
    if (ids[i] !== left || ids[i + 1] !== right) continue;
    ids.splice(i, 2, id);
    if (i > 0) {
      pairs.subtract(ids[i - 1], left, frequency);
      pairs.add(ids[i - 1], id, frequency, index);
    }
    if (i + 1 < ids.length) {
      pairs.subtract(right, ids[i + 1], frequency);
      pairs.add(id, ids[i + 1], frequency, index);
    }
  }
}

function tokenizerJson(tokens: readonly string[], merges: string[]): TokenizerJson {
  const byteLevel: ByteLevel = {
    type: "ByteLevel",
    add_prefix_space: false,
    trim_offsets: true,
    use_regex: true,
  };
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [{
      id: tokens.length - 1,
      content: endOfText,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    }],
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: byteLevel,
    decoder: byteLevel,
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges,
    },
  };
}
