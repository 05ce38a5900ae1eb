import { continuationText } from "../decode/continuation_text.ts";
import type { RowChoice } from "../decode/running_rows.ts";
import { StreamedText } from "../decode/streamed_text.ts";
import { TextWriter } from "../decode/text_writer.ts";
import type { Tokenizer } from "../data/tokenizer.ts";
import type { Asked } from "./asked.ts";
import { type TokenLogprobs, tokenLogprobs } from "./token_logprobs.ts";

/** Why a text ended: by itself or with a stop string, or at its longest. */
export type FinishReason = "stop" | "length";

/** A piece of one of the texts of a request. */
export interface ChoicePiece {
  /** Which text. */
  readonly index: number;
  readonly text: string;
  /** Those of the tokens that wrote it; empty where none are asked for. */
  readonly logprobs: readonly TokenLogprobs[];
  /** With the last piece. */
  readonly finish?: FinishReason;
}

/** One of the texts of a request, while it is written. */
export class ChoiceText {
  /** Tokens that were written, one that ended the text included. */
  tokens = 0;
  readonly #asked: Asked;
  readonly #tokenizer: Tokenizer;
  readonly #prompt: number;
  readonly #index: number;
  readonly #ids: number[] = [];
  /** Absent where the text is sent as a whole. */
  readonly #streamed: StreamedText | undefined;
  readonly #give: (piece: ChoicePiece) => void;
  /** Those that were not given out yet. */
  #logprobs: TokenLogprobs[] = [];

  /**
   * @param prompt the place of its prompt.
   * @param give takes its pieces: one, where the texts are sent as wholes.
   */
  constructor(
    asked: Asked,
    tokenizer: Tokenizer,
    prompt: number,
    index: number,
    give: (piece: ChoicePiece) => void,
  ) {
    this.#asked = asked;
    this.#tokenizer = tokenizer;
    this.#prompt = prompt;
    this.#index = index;
    this.#give = give;
    this.#streamed = asked.stream
      ? new StreamedText(new TextWriter(tokenizer, asked.prompts[prompt].ids), asked.stops)
      : undefined;
  }

  /** Takes a token. @returns whether the text goes on. */
  took(choice: RowChoice): boolean {
    const { ends, stops, prompts, maxNewTokens, logprobs } = this.#asked;
    this.tokens++;
    if (logprobs !== undefined) {
      this.#logprobs.push(tokenLogprobs(choice, logprobs, this.#tokenizer));
    }
    if (ends.includes(choice.token)) return this.#end("stop");
    this.#ids.push(choice.token);
    const piece = this.#streamed?.add(choice.token) ?? "";
    if (stops.isCompletedBy(prompts[this.#prompt].ids, this.#ids)) return this.#end("stop", piece);
    if (this.tokens === maxNewTokens[this.#prompt]) return this.#end("length", piece);
    if (piece !== "") this.#send(piece);
    return true;
  }

  #end(finish: FinishReason, piece = ""): false {
    const { stops, prompts } = this.#asked;
    const text = this.#streamed
      ? piece + this.#streamed.rest()
      : stops.cut(continuationText(this.#tokenizer, prompts[this.#prompt].ids, this.#ids));
    this.#send(text, finish);
    return false;
  }

  #send(text: string, finish?: FinishReason): void {
    this.#give({ index: this.#index, text, logprobs: this.#logprobs, finish });
    this.#logprobs = [];
  }
}
