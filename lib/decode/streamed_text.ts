import type { StopStrings } from "./stop_strings.ts";
import type { TextWriter } from "./text_writer.ts";

/** A text that is given out as far as no stop string can begin in it. */
export class StreamedText {
  readonly #writer: TextWriter;
  readonly #stops: StopStrings;
  #written = "";
  /** Characters that were given out. */
  #given = 0;

  constructor(writer: TextWriter, stops: StopStrings) {
    this.#writer = writer;
    this.#stops = stops;
  }

  /** @returns what follows the pieces before. */
  add(id: number): string {
    this.#written += this.#writer.add(id);
    const cut = this.#stops.cut(this.#written);
    const isStopped = cut.length < this.#written.length;
    return this.#upTo(cut, isStopped ? cut.length : this.#stops.settledLength(cut));
  }

  /** What was not given out, at the text's end. */
  rest(): string {
    const text = this.#stops.cut(this.#written + this.#writer.rest());
    return this.#upTo(text, text.length);
  }

  #upTo(text: string, length: number): string {
    const piece = text.slice(this.#given, length);
    this.#given += piece.length;
    return piece;
  }
}
