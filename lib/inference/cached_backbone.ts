import { minus } from "../graph/dim.ts";
import { reshape, slice } from "../graph/ops/mod.ts";
import { compile } from "../graph/program.ts";
import { input, type Tensor } from "../graph/tensor.ts";
import { gpt2 } from "../nn/gpt2.ts";
import type { Gpt2Config } from "../nn/gpt2_config.ts";
import type { Parameters } from "../nn/parameters.ts";
import type { Device } from "../runtime/device.ts";
import { Session } from "../runtime/session.ts";
import { integers, type Value } from "../runtime/value.ts";
import {
  cacheInputs,
  cacheOutputNames,
  cacheOutputs,
  KeyValueCache,
  RowMover,
} from "./key_value_cache.ts";
import { Prefixes } from "./prefixes.ts";

type Float = Tensor<"float32">;

/** What a model computes from the hidden states of the last tokens, `[batch, d]`. */
export type Head = (hidden: Float) => Record<string, Float | Tensor<"int64">>;

/** A GPT-2 with a head, ready to read prompts and then one token after the other. */
export class CachedBackbone implements AsyncDisposable {
  readonly config: Gpt2Config;
  readonly #prefill: Session;
  readonly #step: Session;
  readonly #mover: RowMover;

  private constructor(config: Gpt2Config, prefill: Session, step: Session, mover: RowMover) {
    this.config = config;
    this.#prefill = prefill;
    this.#step = step;
    this.#mover = mover;
  }

  /** Builds both graphs, for prompts and for single tokens, and loads them. */
  static async open(
    config: Gpt2Config,
    parameters: Parameters,
    head: Head,
    device: Device,
  ): Promise<CachedBackbone> {
    const options = { onDevice: cacheOutputNames(config), spinning: false };
    const [prefill, step] = [prefillGraph, stepGraph].map((graph) =>
      Session.open(compile(graph(config, parameters, head)), device, options)
    );
    return new CachedBackbone(
      config,
      await prefill,
      await step,
      await RowMover.open(config, device),
    );
  }

  /** Reads prompts, and gives the head's outputs at their ends. `feeds` are the head's own inputs. */
  async read(
    prompts: readonly (readonly number[])[],
    feeds: Readonly<Record<string, Value>>,
  ): Promise<{ reading: Reading; outputs: Record<string, Value> }> {
    const prefixes = Prefixes.of(prompts);
    const cache = new KeyValueCache();
    const outputs = await this.#prefill.run({
      ids: prefixes.ids(prompts, this.config.endOfText),
      mask: prefixes.mask(),
      positions: prefixes.positions(),
      ...feeds,
    });
    cache.take(this.config, outputs);
    return { reading: new Reading(this.config, this.#step, this.#mover, cache, prefixes), outputs };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const owned of [this.#prefill, this.#step, this.#mover]) {
      await owned[Symbol.asyncDispose]();
    }
  }
}

/** A batch of texts that a model is reading. */
export class Reading implements Disposable {
  readonly #config: Gpt2Config;
  readonly #session: Session;
  readonly #mover: RowMover;
  readonly #cache: KeyValueCache;
  #prefixes: Prefixes;
  /** Texts that went through the backbone so far, a step of one row counting one. */
  calls: number;

  constructor(
    config: Gpt2Config,
    session: Session,
    mover: RowMover,
    cache: KeyValueCache,
    prefixes: Prefixes,
  ) {
    this.#config = config;
    this.#session = session;
    this.#mover = mover;
    this.#cache = cache;
    this.#prefixes = prefixes;
    this.calls = prefixes.rows;
  }

  /** Reads one more token a row, and gives the head's outputs there. */
  async step(
    tokens: readonly number[],
    feeds: Readonly<Record<string, Value>>,
  ): Promise<Record<string, Value>> {
    const outputs = await this.#session.run({
      ids: integers([tokens.length, 1], tokens),
      mask: this.#prefixes.mask(1),
      positions: this.#prefixes.nextPositions(),
      ...this.#cache.feeds(),
      ...feeds,
    });
    this.calls += tokens.length;
    this.#cache.take(this.#config, outputs);
    this.#prefixes.columns++;
    return outputs;
  }

  /** Goes on with the named rows only, in that order; a row may be named more than once. */
  async select(rows: readonly number[]): Promise<void> {
    await this.#mover.select(this.#cache, rows);
    this.#prefixes = this.#prefixes.select(rows);
  }

  [Symbol.dispose](): void {
    this.#cache[Symbol.dispose]();
  }
}

/** The graph that reads left-padded prompts, `[batch, time]`. */
export function prefillGraph(config: Gpt2Config, parameters: Parameters, head: Head) {
  const shape = ["batch", "time"];
  const { hidden, present } = gpt2(config, parameters, {
    ids: input("ids", "int64", shape),
    mask: input("mask", "float32", shape),
    positions: input("positions", "int64", shape),
  });
  const last = slice(reshape(hidden, [...shape, config.width]), 1, minus("time", 1), "time");
  return { ...head(reshape(last, ["batch", config.width])), ...cacheOutputs(present) };
}

/** The graph that reads one token a row, `[batch, 1]`, after those in the cache. */
function stepGraph(config: Gpt2Config, parameters: Parameters, head: Head) {
  const { hidden, present } = gpt2(config, parameters, {
    ids: input("ids", "int64", ["batch", 1]),
    mask: input("mask", "float32", ["batch", "1+past"]),
    positions: input("positions", "int64", ["batch", 1]),
    past: cacheInputs(config),
  });
  return { ...head(hidden), ...cacheOutputs(present) };
}
