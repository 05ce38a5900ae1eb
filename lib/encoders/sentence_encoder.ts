import type { Kind } from "../options/option.ts";

/** Gives every text a vector, such that texts which mean the like have vectors near each other. */
export interface SentenceEncoder extends AsyncDisposable {
  /** The folder that it was opened from. */
  readonly folder: string;
  /** Another one whenever the same text may get another vector: a hash of its files. */
  readonly version: string;
  /** How many numbers a vector has. */
  readonly width: number;
  /** The most tokens of a text that are read, those around it included; the rest is left out. */
  readonly longestText: number;
  /**
   * Reads texts, those of about the same length together.
   *
   * @throws the signal's reason, if that aborts.
   */
  embed(texts: readonly string[], options: EmbedOptions): Promise<void>;
}

/** How texts are read. */
export interface EmbedOptions {
  /** Texts that are computed together. */
  readonly batchSize: number;
  readonly signal?: AbortSignal;
  /** Called with the vectors of a batch as soon as they are there. */
  readonly onEmbedded: (embedded: readonly EmbeddedText[]) => void;
}

/** A text's vector. */
export interface EmbeddedText {
  /** Which of the texts it is. */
  readonly index: number;
  readonly embedding: Float32Array;
}

/** An encoder of sentences as an argument, for `checkArgument`. */
export const sentenceEncoderKind = {
  type: "value",
  is: (value: unknown): value is SentenceEncoder =>
    typeof value === "object" && value !== null && "embed" in value,
  what: "an encoder, from await openEncoder()",
} as const satisfies Kind;
