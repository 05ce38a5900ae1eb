import { BytePairs } from "./byte_pairs.ts";
import { isObject, type JsonObject, textIn, unknownType } from "./json.ts";
import { byteTokens, cached, type TokenModel } from "./token_model.ts";

/** The model of `tokenizer.json`. @throws {Error} if it is not known, or not whole. */
export function modelOf(json: JsonObject): TokenModel {
  switch (json.type ?? typeOf(json)) {
    case "BPE":
      return new BytePairs(json, vocabularyOf(json));
    case "Unigram":
      return new Unigram(json);
    case "WordPiece":
      return wordPiece(json);
    case "WordLevel":
      return wordLevel(json);
    default:
      return unknownType("model", json);
  }
}

/** Older files do not name the type. */
function typeOf({ vocab, merges }: JsonObject): string | undefined {
  if (Array.isArray(vocab)) return "Unigram";
  if (Array.isArray(merges)) return "BPE";
  return isObject(vocab) ? "WordPiece" : undefined;
}

function vocabularyOf({ vocab }: JsonObject): Map<string, number> {
  if (!isObject(vocab)) throw new Error("the model has no vocab");
  return new Map(Object.entries(vocab) as [string, number][]);
}

/** What a token that is not in the vocabulary costs beside the least likely one. */
const unknownPenalty = 10;

/** The likeliest way to write a text as tokens, each with a log-probability of its own. */
class Unigram implements TokenModel {
  readonly vocabulary: ReadonlyMap<string, number>;
  readonly tokenize: (piece: string) => readonly number[];
  readonly #scores: readonly number[];
  readonly #unknown: number | undefined;
  readonly #unknownScore: number;
  readonly #longest: number;
  readonly #byteFallback: boolean;

  constructor({ vocab, unk_id, byte_fallback }: JsonObject) {
    const isScored = (entry: unknown): entry is [string, number] =>
      Array.isArray(entry) && typeof entry[0] === "string" && typeof entry[1] === "number";
    if (!Array.isArray(vocab) || !vocab.every(isScored)) {
      throw new Error("the model's vocab must be a list of tokens with scores");
    }
    this.vocabulary = new Map(vocab.map(([token], id) => [token, id]));
    this.#scores = vocab.map(([, score]) => score);
    if (typeof unk_id === "number" && vocab[unk_id] === undefined) {
      throw new Error(`the model's unk_id ${unk_id} is none of its ${vocab.length} tokens`);
    }
    this.#unknown = typeof unk_id === "number" ? unk_id : undefined;
    this.#unknownScore = this.#scores.reduce((a, b) => Math.min(a, b), Infinity) - unknownPenalty;
    this.#longest = vocab.reduce((longest, [{ length }]) => Math.max(longest, length), 0);
    this.#byteFallback = byte_fallback === true;
    this.tokenize = cached((piece) => this.#parts(piece).flatMap((part) => this.#ids(part)));
  }

  #ids(part: string): number[] {
    const id = this.vocabulary.get(part);
    if (id !== undefined) return [id];
    return (this.#byteFallback ? byteTokens(this.vocabulary, part) : undefined) ??
      [this.#unknownId()];
  }

  #unknownId(): number {
    if (this.#unknown === undefined) {
      throw new RangeError("The tokenizer has no token for a part of the text, and no unk_id.");
    }
    return this.#unknown;
  }

  /** The parts of the best path; what is not known is one part as long as it goes. */
  #parts(text: string): string[] {
    const { length } = text;
    const best: { score: number; from: number; id: number }[] = new Array(length + 1);
    best[0] = { score: 0, from: 0, id: -1 };
    const offer = (to: number, from: number, id: number, score: number) => {
      if (best[to] === undefined || score > best[to].score) best[to] = { score, from, id };
    };
    for (let from = 0; from < length;) {
      const next = from + (text.codePointAt(from)! > 0xffff ? 2 : 1);
      const { score } = best[from];
      let isKnown = false;
      for (let to = next; to <= Math.min(length, from + this.#longest); to++) {
        const id = this.vocabulary.get(text.slice(from, to));
        if (id === undefined) continue;
        offer(to, from, id, score + this.#scores[id]);
        if (to === next) isKnown = true;
      }
      if (!isKnown) offer(next, from, this.#unknownId(), score + this.#unknownScore);
      from = next;
    }
    const parts: string[] = [];
    let isUnknown = false;
    for (let to = length; to > 0;) {
      const { from, id } = best[to];
      const part = text.slice(from, to);
      if (id === this.#unknown && isUnknown) parts[parts.length - 1] = part + parts.at(-1);
      else parts.push(part);
      isUnknown = id === this.#unknown;
      to = from;
    }
    return parts.reverse();
  }
}

function wordPiece(json: JsonObject): TokenModel {
  const vocabulary = vocabularyOf(json);
  const unknown = unknownOf(json, vocabulary);
  const prefix = textIn(json.continuing_subword_prefix ?? "##", "continuing_subword_prefix");
  const longest = Number(json.max_input_chars_per_word ?? 100);
  const tokenize = cached((piece) => {
    const characters = [...piece];
    if (characters.length > longest) return [unknown];
    const ids: number[] = [];
    for (let from = 0; from < characters.length;) {
      let to = characters.length;
      let id: number | undefined;
      for (; to > from; to--) {
        id = vocabulary.get((from > 0 ? prefix : "") + characters.slice(from, to).join(""));
        if (id !== undefined) break;
      }
      if (id === undefined) return [unknown];
      ids.push(id);
      from = to;
    }
    return ids;
  });
  return { vocabulary, tokenize };
}

function wordLevel(json: JsonObject): TokenModel {
  const vocabulary = vocabularyOf(json);
  const unknown = unknownOf(json, vocabulary);
  return { vocabulary, tokenize: (piece) => [vocabulary.get(piece) ?? unknown] };
}

function unknownOf({ unk_token }: JsonObject, vocabulary: ReadonlyMap<string, number>): number {
  const id = vocabulary.get(textIn(unk_token, "unk_token"));
  if (id === undefined) {
    throw new Error(`the unk_token ${JSON.stringify(unk_token)} is not in vocab`);
  }
  return id;
}
