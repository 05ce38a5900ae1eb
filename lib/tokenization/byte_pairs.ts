import type { JsonObject } from "./json.ts";
import { byteTokens, cached, type TokenModel } from "./token_model.ts";

/** What two neighbouring tokens become, and how early. */
interface Merge {
  readonly rank: number;
  readonly id: number;
}

/** Byte-pair encoding: neighbours are merged, those of the lowest rank first, and among these from left to right. */
export class BytePairs implements TokenModel {
  readonly vocabulary: ReadonlyMap<string, number>;
  readonly tokenize: (piece: string) => readonly number[];
  /** By the left id times the vocabulary's size plus the right id. */
  readonly #merges = new Map<number, Merge>();
  readonly #size: number;
  readonly #prefix: string;
  readonly #suffix: string;
  readonly #byteFallback: boolean;
  readonly #unknown: number | undefined;
  readonly #fusesUnknown: boolean;

  constructor(json: JsonObject, vocabulary: ReadonlyMap<string, number>) {
    if (typeof json.dropout === "number" && json.dropout > 0) {
      throw new Error(
        `dropout ${json.dropout}, which draws other tokens each time, is not supported`,
      );
    }
    this.vocabulary = vocabulary;
    this.#size = 1;
    for (const id of vocabulary.values()) this.#size = Math.max(this.#size, id + 1);
    this.#prefix = `${json.continuing_subword_prefix ?? ""}`;
    this.#suffix = `${json.end_of_word_suffix ?? ""}`;
    this.#byteFallback = json.byte_fallback === true;
    this.#fusesUnknown = json.fuse_unk === true;
    if (typeof json.unk_token === "string") this.#unknown = this.#id(json.unk_token);
    if (!Array.isArray(json.merges)) throw new Error("the model's merges must be a list");
    json.merges.forEach((merge, rank) => this.#addMerge(merge, rank));
    const ignoresMerges = json.ignore_merges === true;
    this.tokenize = cached((piece) => {
      const whole = ignoresMerges ? vocabulary.get(piece) : undefined;
      return whole === undefined ? this.#merged(this.#symbols(piece)) : [whole];
    });
  }

  #addMerge(merge: unknown, rank: number): void {
    const [left, right, ...more] = Array.isArray(merge) ? merge : `${merge}`.split(" ");
    if (typeof left !== "string" || typeof right !== "string" || more.length > 0) {
      throw new Error(`the merge ${JSON.stringify(merge)} must name two tokens`);
    }
    const id = this.#id(left + right.slice(this.#prefix.length));
    this.#merges.set(this.#id(left) * this.#size + this.#id(right), { rank, id });
  }

  #id(token: string): number {
    const id = this.vocabulary.get(token);
    if (id === undefined) throw new Error(`the token ${JSON.stringify(token)} is not in vocab`);
    return id;
  }

  /** The ids of a piece's characters. One that is not known becomes its bytes, or the unknown token, or nothing. */
  #symbols(piece: string): number[] {
    const ids: number[] = [];
    let unknown = 0;
    const characters = [...piece];
    characters.forEach((character, i) => {
      const symbol = (i === 0 ? "" : this.#prefix) + character +
        (i === characters.length - 1 ? this.#suffix : "");
      const id = this.vocabulary.get(symbol);
      const bytes = id === undefined && this.#byteFallback
        ? byteTokens(this.vocabulary, symbol)
        : undefined;
      if (id !== undefined) {
        if (unknown > 0) ids.push(this.#unknown!);
        unknown = 0;
        ids.push(id);
      } else if (bytes) ids.push(...bytes);
      else if (this.#unknown !== undefined) {
        if (unknown > 0 && !this.#fusesUnknown) ids.push(this.#unknown);
        unknown++;
      }
    });
    if (unknown > 0) ids.push(this.#unknown!);
    return ids;
  }

  #merged(ids: number[]): readonly number[] {
    if (ids.length < 2) return ids;
    const count = ids.length;
    const next = Int32Array.from(ids, (_, i) => i + 1);
    const previous = Int32Array.from(ids, (_, i) => i - 1);
    const ranks = new Int32Array(count).fill(-1);
    const queue = new LeastFirst();
    const look = (at: number) => {
      const merge = next[at] < count ? this.#mergeOf(ids[at], ids[next[at]]) : undefined;
      ranks[at] = merge?.rank ?? -1;
      if (merge) queue.push(merge.rank * count + at);
    };
    for (let i = 0; i + 1 < count; i++) look(i);
    for (let least = queue.pop(); least !== undefined; least = queue.pop()) {
      const at = least % count;
      if (ranks[at] !== (least - at) / count) continue;
      const right = next[at];
      ids[at] = this.#mergeOf(ids[at], ids[right])!.id;
      ranks[right] = -1;
      next[at] = next[right];
      if (next[at] < count) previous[next[at]] = at;
      look(at);
      if (previous[at] >= 0) look(previous[at]);
    }
    const merged: number[] = [];
    for (let i = 0; i < count; i = next[i]) merged.push(ids[i]);
    return merged;
  }

  #mergeOf(left: number, right: number): Merge | undefined {
    return this.#merges.get(left * this.#size + right);
  }
}

/** A heap of numbers that gives the least first. */
class LeastFirst {
  readonly #heap: number[] = [];

  push(value: number): void {
    const heap = this.#heap;
    let at = heap.push(value) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (heap[above] <= value) break;
      heap[at] = heap[above];
      at = above;
    }
    heap[at] = value;
  }

  pop(): number | undefined {
    const heap = this.#heap;
    const least = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return least;
    let at = 0;
    for (let below = 1; below < heap.length; below = 2 * at + 1) {
      if (below + 1 < heap.length && heap[below + 1] < heap[below]) below++;
      if (heap[below] >= last) break;
      heap[at] = heap[below];
      at = below;
    }
    heap[at] = last;
    return least;
  }
}
