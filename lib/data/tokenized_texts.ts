import { join } from "node:path";
import { cannotRead, cannotWrite } from "../files/file_errors.ts";
import { writeAtomically } from "../files/atomic_write.ts";
import { readJsonFile } from "../files/json_file.ts";
import type { LabelledTexts } from "./labelled_texts.ts";
import type { Tokenizer } from "./tokenizer.ts";

/**
 * Labelled texts as token ids, for corpora that are too large as strings: Amazon Polarity's 3.6 million reviews take
 * 0.7 GB so, and more than twice that as JavaScript strings and arrays of numbers.
 */
export interface TokenizedTexts {
  readonly labelNames: readonly string[];
  /** One more than the largest token id that there can be. */
  readonly vocabulary: number;
  /** Every text, cut after `maxTokens`. */
  examples(maxTokens: number): TokenizedText[];
}

/** One text: a place in the arrays of all, so that millions of them are small. */
export class TokenizedText {
  readonly #all: Arrays;
  readonly #index: number;
  readonly #maxTokens: number;

  constructor(all: Arrays, index: number, maxTokens: number) {
    this.#all = all;
    this.#index = index;
    this.#maxTokens = maxTokens;
  }

  get ids(): Uint16Array | Uint32Array {
    const { tokens, starts } = this.#all;
    const start = starts[this.#index];
    return tokens.subarray(start, Math.min(starts[this.#index + 1], start + this.#maxTokens));
  }

  get labels(): Float32Array {
    const { labels, perText } = this.#all;
    return labels.subarray(this.#index * perText, (this.#index + 1) * perText);
  }
}

interface Arrays {
  /** The tokens of all texts, one after the other. */
  readonly tokens: Uint16Array | Uint32Array;
  /** Where each text begins, and where the last one ends. */
  readonly starts: Float64Array;
  readonly labels: Float32Array;
  readonly perText: number;
}

const files = {
  tokens: "tokens.bin",
  lengths: "lengths.bin",
  labels: "labels.bin",
  about: "tokenized.json",
} as const;

/** What stands beside the arrays. */
interface About {
  readonly texts: number;
  readonly tokens: number;
  /** Rows left out because they have no text, no label, or no token. */
  readonly skipped: number;
  readonly labels: readonly string[];
  readonly vocabulary: number;
}

/** Vocabularies up to this size are written in two bytes a token. */
const inTwoBytes = 2 ** 16;

/**
 * Writes labelled texts as token ids, batch by batch, in the memory that one batch takes. What an interrupted call left
 * is written anew.
 *
 * @throws {Error} if there is no text, or a file cannot be written; whatever reading the batches throws.
 */
export async function writeTokenizedTexts(
  folder: string,
  batches: AsyncIterable<LabelledTexts>,
  tokenizer: Tokenizer,
  labelNames: readonly string[],
): Promise<void> {
  const TokenArray = tokenizer.vocabSize <= inTwoBytes ? Uint16Array : Uint32Array;
  using tokens = await ArrayFile.create(join(folder, files.tokens));
  using lengths = await ArrayFile.create(join(folder, files.lengths));
  using labels = await ArrayFile.create(join(folder, files.labels));
  let [texts, count, skipped] = [0, 0, 0];
  for await (const batch of batches) {
    const perText = batch.labelNames.length;
    const encoded = batch.texts.map((text) => tokenizer.encode(text));
    const kept = encoded.flatMap((ids, i) => ids.length > 0 ? [i] : []);
    await tokens.append(TokenArray.from(kept.flatMap((i) => encoded[i])));
    await lengths.append(Uint32Array.from(kept, (i) => encoded[i].length));
    await labels.append(
      Float32Array.from(
        kept.flatMap((i) => [...batch.labels.subarray(i * perText, (i + 1) * perText)]),
      ),
    );
    texts += kept.length;
    count += kept.reduce((sum, i) => sum + encoded[i].length, 0);
    skipped += batch.skipped + encoded.length - kept.length;
  }
  if (texts === 0) throw new Error("There is no text with labels to tokenize.");
  const about: About = {
    texts,
    tokens: count,
    skipped,
    labels: labelNames,
    vocabulary: tokenizer.vocabSize,
  };
  for (const file of [tokens, lengths, labels]) await file.sync();
  await writeAtomically(join(folder, files.about), JSON.stringify(about) + "\n");
}

/** Reads what `writeTokenizedTexts` wrote. @throws {Error} if a file is missing or not as long as it must be. */
export async function readTokenizedTexts(folder: string): Promise<TokenizedTexts> {
  const about = await readJsonFile(join(folder, files.about)) as About;
  const { texts, labels: labelNames, vocabulary } = about;
  const perText = labelNames.length;
  const bytes = async (name: string, length: number): Promise<ArrayBuffer> => {
    const path = join(folder, name);
    const { buffer, byteLength } = await Deno.readFile(path).catch((cause) => {
      throw cannotRead(path, cause);
    });
    if (byteLength === length) return buffer;
    throw new Error(`Cannot read '${path}': it has ${byteLength} bytes, but should have ${length}`);
  };
  const TokenArray = vocabulary <= inTwoBytes ? Uint16Array : Uint32Array;
  const lengths = new Uint32Array(await bytes(files.lengths, 4 * texts));
  const starts = new Float64Array(texts + 1);
  lengths.forEach((length, i) => starts[i + 1] = starts[i] + length);
  const all: Arrays = {
    tokens: new TokenArray(
      await bytes(files.tokens, TokenArray.BYTES_PER_ELEMENT * starts[texts]),
    ),
    starts,
    labels: new Float32Array(await bytes(files.labels, 4 * texts * perText)),
    perText,
  };
  return {
    labelNames,
    vocabulary,
    examples: (maxTokens) =>
      Array.from({ length: texts }, (_, i) => new TokenizedText(all, i, maxTokens)),
  };
}

/** A file that arrays are written to one after the other. */
class ArrayFile implements Disposable {
  readonly #path: string;
  readonly #file: Deno.FsFile;

  private constructor(path: string, file: Deno.FsFile) {
    this.#path = path;
    this.#file = file;
  }

  static async create(path: string): Promise<ArrayFile> {
    const file = await Deno.open(path, { write: true, create: true, truncate: true })
      .catch((cause) => {
        throw cannotWrite(path, cause);
      });
    return new ArrayFile(path, file);
  }

  async append({ buffer, byteOffset, byteLength }: ArrayBufferView<ArrayBuffer>): Promise<void> {
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    try {
      for (let done = 0; done < byteLength;) done += await this.#file.write(bytes.subarray(done));
    } catch (cause) {
      throw cannotWrite(this.#path, cause);
    }
  }

  async sync(): Promise<void> {
    await this.#file.sync().catch((cause) => {
      throw cannotWrite(this.#path, cause);
    });
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}
