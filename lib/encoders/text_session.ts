import { compile } from "../graph/program.ts";
import { input, type Tensor } from "../graph/tensor.ts";
import type { EncoderInputs } from "../models/encoder.ts";
import type { Parameters, ParameterShapes } from "../models/parameters.ts";
import type { Device } from "../runtime/device.ts";
import { Session } from "../runtime/session.ts";
import { floats, integers } from "../runtime/value.ts";
import { Turns } from "../turns.ts";
import { parametersIn } from "../weights/model_folder.ts";
import type { EncoderFolder } from "./encoder_folder.ts";
import type { WholeText } from "./whole_text_tokenizer.ts";

type Float = Tensor<"float32">;

/** What is computed of every text. */
export interface TextGraph {
  /** The parameters that it needs. */
  readonly shapes: ParameterShapes;
  /** One row a text: `[batch, columns]`. */
  rows(parameters: Parameters, inputs: EncoderInputs): Float;
}

/** How texts are read. */
export interface ReadTextsOptions {
  /** Texts that are computed together. */
  readonly batchSize: number;
  readonly signal?: AbortSignal;
  /** Called with the row of each text of a batch as soon as it is there. */
  readonly onRows: (rows: readonly TextRow[]) => void;
}

/** What was computed of one text. */
export interface TextRow {
  /** Which of the texts it is. */
  readonly index: number;
  /** `[columns]`. */
  readonly values: Float32Array;
}

/** An encoder with what is computed of its hidden states, loaded. */
export class TextSession implements AsyncDisposable {
  readonly #session: Session;
  readonly #folder: EncoderFolder;
  readonly #longest: number;
  #hasTold = false;

  private constructor(session: Session, folder: EncoderFolder, longest: number) {
    this.#session = session;
    this.#folder = folder;
    this.#longest = longest;
  }

  /**
   * @param longest the most tokens of a text that are read.
   * @throws {Error | RangeError | TypeError} if a parameter is missing, or has another shape or element type.
   */
  static async open(
    folder: EncoderFolder,
    { shapes, rows }: TextGraph,
    device: Device,
    longest = folder.longest,
  ): Promise<TextSession> {
    const ids = input("ids", "int64", ["batch", "time"]);
    const mask = input("mask", "float32", ["batch", "time"]);
    const graph = rows(await parametersIn(folder.model, shapes), { ids, mask });
    const session = await Session.open(compile({ rows: graph }), device);
    return new TextSession(session, folder, longest);
  }

  /**
   * Reads texts, those of about the same length together. That some are too long is said once, on standard error.
   *
   * @throws {RangeError} if the tokenizer gives a token that the model does not have.
   * @throws the signal's reason, if that aborts.
   */
  async read(
    texts: readonly string[],
    { batchSize, signal, onRows }: ReadTextsOptions,
  ): Promise<void> {
    const encoded = texts.map((text) => this.#encode(text));
    this.#tellOfCut(encoded);
    const turns = new Turns();
    for (const batch of batchesOf(encoded.map(({ ids }) => ids.length), batchSize)) {
      signal?.throwIfAborted();
      const values = await this.#run(batch.map((i) => encoded[i].ids));
      const columns = values.length / batch.length;
      onRows(batch.map((index, row) => ({
        index,
        values: values.subarray(row * columns, (row + 1) * columns),
      })));
      await turns.take();
    }
  }

  #encode(text: string): WholeText {
    const { encoder, tokenizer, path } = this.#folder;
    const whole = tokenizer.encode(text, this.#longest);
    const unknown = whole.ids.find((id) => id >= encoder.vocabulary);
    if (unknown === undefined) return whole;
    throw new RangeError(
      `The tokenizer in '${path}' gives the token ${unknown}, but the model has ${encoder.vocabulary} tokens: ` +
        "use the tokenizer that it was trained with.",
    );
  }

  #tellOfCut(texts: readonly WholeText[]): void {
    const cut = texts.filter(({ isCut }) => isCut).length;
    if (cut === 0 || this.#hasTold) return;
    this.#hasTold = true;
    console.error(
      `${cut} of ${texts.length} texts have more than the ${this.#longest} tokens that '${this.#folder.path}' reads: ` +
        "the rest of them was left out.",
    );
  }

  async #run(rows: readonly (readonly number[])[]): Promise<Float32Array> {
    const time = rows.reduce((longest, { length }) => Math.max(longest, length), 1);
    const ids = new Array<number>(rows.length * time).fill(this.#folder.encoder.pad);
    const mask = new Float32Array(rows.length * time);
    rows.forEach((row, i) => {
      row.forEach((id, t) => ids[i * time + t] = id);
      mask.fill(1, i * time, i * time + row.length);
    });
    const shape = [rows.length, time];
    const results = await this.#session.run({
      ids: integers(shape, ids),
      mask: floats(shape, mask),
    });
    return results.rows.data as Float32Array;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]();
  }
}

/** Texts of about the same length, by their places: no more than half of what is computed of a batch is padding. */
function* batchesOf(lengths: readonly number[], batchSize: number): Generator<number[]> {
  const order = lengths.map((_, i) => i).sort((a, b) => lengths[a] - lengths[b]);
  let batch: number[] = [];
  for (const i of order) {
    const isFull = batch.length === batchSize;
    if (batch.length > 0 && (isFull || lengths[i] > 2 * lengths[batch[0]])) {
      yield batch;
      batch = [];
    }
    batch.push(i);
  }
  if (batch.length > 0) yield batch;
}
