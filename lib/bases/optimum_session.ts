import * as ort from "onnxruntime-node";
import type { DeviceName } from "../runtime/device_name.ts";
import { feedable } from "../runtime/half_values.ts";
import { type Value, valueOf } from "../runtime/value.ts";
import { cacheRows } from "./cache_rows.ts";

const cachePrefix = "past_key_values.";

/** The name of the output that is the cache `name` of the next run. */
const presentOf = (name: string) => name.replace(cachePrefix, "present.");

/** An input of a session, as the runtime describes it; extents that vary have names. */
interface TensorInput {
  readonly name: string;
  readonly type: Value["type"];
  readonly shape: readonly (number | string)[];
}

/** What a session does not tell of its model. */
export interface OptimumModel {
  /** What errors call it. */
  readonly name: string;
  readonly vocabulary: number;
  /** Heads of keys and values, for models that fold them into the batch. */
  readonly heads?: number;
}

/**
 * A session of a causal language model as Hugging Face's optimum exports it, the form in which transformers.js has
 * all of them: token ids, an attention mask, often positions, and a cache of keys and values that goes in and out.
 */
export class OptimumSession {
  readonly #session: ort.InferenceSession;
  readonly #device: DeviceName;
  readonly #model: OptimumModel;
  readonly #caches: readonly TensorInput[];
  readonly #inputs: ReadonlySet<string>;

  /**
   * Takes a session over, after a look at its inputs and outputs.
   *
   * @throws {TypeError} if it has an input that a language model with a cache of keys and values has not, or no cache.
   */
  constructor(session: ort.InferenceSession, device: DeviceName, model: OptimumModel) {
    const inputs = session.inputMetadata as readonly TensorInput[];
    const known = ["input_ids", "attention_mask", "position_ids", ...Object.keys(settings)];
    const isCache = ({ name }: TensorInput) =>
      name.startsWith(cachePrefix) && !name.includes("encoder");
    const strange = inputs.find((input) => !known.includes(input.name) && !isCache(input));
    if (strange) {
      throw new TypeError(
        `The model of '${model.name}' has the input ${strange.name}, which is not one of a language model with a ` +
          "cache of keys and values: choose another model.",
      );
    }
    const caches = inputs.filter(isCache);
    const outputs = ["logits", ...caches.map(({ name }) => presentOf(name))];
    const missing = outputs.find((name) => !session.outputNames.includes(name));
    if (missing || caches.length === 0) {
      throw new TypeError(
        `The model of '${model.name}' has no ${missing ?? "cache"}: export it with optimum as ` +
          "text-generation-with-past.",
      );
    }
    this.#session = session;
    this.#device = device;
    this.#model = model;
    this.#caches = caches;
    this.#inputs = new Set(session.inputNames);
  }

  /** Makes sure that texts with so much padding before them can be read together. @throws {RangeError} if not. */
  requirePlaces(padding: readonly number[]): void {
    if (this.#inputs.has("position_ids") || padding.every((columns) => columns === 0)) return;
    throw new RangeError(
      `The model of '${this.#model.name}' takes no position_ids, so it cannot read prompts of different lengths ` +
        "together: give it one prompt at a time, or export it again with a newer optimum.",
    );
  }

  /** The cache of `rows` texts of which nothing was read. */
  emptyCache(rows: number): OptimumCache {
    return new OptimumCache(
      this.#caches.map(({ name, type, shape }) => {
        const dims = shape.map((extent) => {
          if (typeof extent === "number") return extent;
          if (!extent.startsWith("batch")) return 0;
          return extent.includes("heads") ? rows * (this.#model.heads ?? 1) : rows;
        });
        const data = type === "float16" ? new Uint16Array(0) : new Float32Array(0);
        return [name, feedable(new ort.Tensor(type as "float32", data as Float32Array, dims))];
      }),
      rows,
      this.#device,
    );
  }

  /**
   * Reads more tokens of every row, and takes the cache on.
   *
   * @param ids int64 `[rows, time]`.
   * @param mask int64 `[rows, past + time]`: 0 for padding.
   * @param positions int64 `[rows, time]`.
   * @returns the logits, `[rows, time, vocab]` or of the last token only, `[rows, 1, vocab]`; float16 as `Uint16Array`.
   * @throws {Error} naming the model, if its graph cannot be run.
   */
  async run(ids: Value, mask: Value, positions: Value, cache: OptimumCache): Promise<Value> {
    const feeds: [string, Value][] = [
      ["input_ids", ids],
      ["attention_mask", mask],
      ["position_ids", positions],
      ...Object.entries(settings).map(([name, make]): [string, Value] => [name, make(cache)]),
      ...cache.values,
    ];
    const outputs = await this.#session.run(
      Object.fromEntries(feeds.filter(([name]) => this.#inputs.has(name))),
      // a model may have more outputs, such as attentions; they are not asked for
      ["logits", ...this.#caches.map(({ name }) => presentOf(name))],
    ).catch((cause: Error) => {
      throw new Error(
        `Cannot run the model '${this.#model.name}': ${cause.message.trim().split("\n")[0]}`,
        { cause },
      );
    });
    cache.take((name) => outputs[presentOf(name)]);
    const { logits } = outputs;
    if (logits.dims[2] !== this.#model.vocabulary) {
      throw new RangeError(
        `The model of '${this.#model.name}' has logits of ${
          logits.dims[2]
        } tokens, but its config.json says ` +
          `vocab_size ${this.#model.vocabulary}: correct that file.`,
      );
    }
    return feedable(logits);
  }
}

/** Inputs that only some exports have. */
const settings: Readonly<Record<string, (cache: OptimumCache) => Value>> = {
  // one graph for prompts and for what follows them, as older exports have it
  use_cache_branch: ({ reads }) => valueOf("bool", [1], Uint8Array.of(reads > 0 ? 1 : 0)),
  num_logits_to_keep: () => valueOf("int64", [], BigInt64Array.of(1n)),
};

/** Keys and values of all blocks for the tokens read so far. They belong to the cache, which disposes them. */
export class OptimumCache implements Disposable {
  readonly values: Map<string, Value>;
  readonly #device: DeviceName;
  #rows: number;
  /** How often something was read. */
  reads = 0;

  constructor(
    values: Iterable<readonly [string, Value]>,
    rows: number,
    device: DeviceName,
  ) {
    this.values = new Map(values);
    this.#rows = rows;
    this.#device = device;
  }

  /** Puts a new value in the place of each, and gives the memory of the old ones back. */
  take(next: (name: string) => Value): void {
    for (const [name, value] of this.values) {
      this.values.set(name, feedable(next(name)));
      value.dispose();
    }
    this.reads++;
  }

  /** Goes on with the named rows only, in that order; a row may be named more than once. */
  async select(rows: readonly number[]): Promise<void> {
    for (const [name, value] of this.values) {
      // some models fold their heads into the first axis, so that several rows of it are one text's
      const each = value.dims[0] / this.#rows;
      const folded = each === 1
        ? rows
        : rows.flatMap((row) => Array.from({ length: each }, (_, i) => row * each + i));
      this.values.set(name, await cacheRows(value, folded, this.#device));
      value.dispose();
    }
    this.#rows = rows.length;
  }

  [Symbol.dispose](): void {
    for (const value of this.values.values()) value.dispose();
    this.values.clear();
  }
}
