import type { Dim } from "../graph/dim.ts";
import { concat, gather } from "../graph/ops/mod.ts";
import { compile } from "../graph/program.ts";
import { input, type Tensor } from "../graph/tensor.ts";
import type { LayerCache } from "../nn/gpt2.ts";
import type { Gpt2Config } from "../nn/gpt2_config.ts";
import type { Device } from "../runtime/device.ts";
import { Session } from "../runtime/session.ts";
import { next } from "../runtime/state.ts";
import { integers, type Value } from "../runtime/value.ts";

type Float = Tensor<"float32">;

const nameOf = (layer: number, part: "key" | "value") => `past.${layer}.${part}`;

const parts = ["key", "value"] as const;

/** The cache as inputs of a graph: keys and values of every block, `[batch, heads, past, d / heads]`. */
export function cacheInputs(
  { layers, heads, width }: Gpt2Config,
  batch: Dim = "batch",
  past: Dim = "past",
): LayerCache[] {
  const shape = [batch, heads, past, width / heads];
  return Array.from({ length: layers }, (_, layer) => ({
    key: input(nameOf(layer, "key"), "float32", shape),
    value: input(nameOf(layer, "value"), "float32", shape),
  }));
}

/** The outputs of a graph that are the cache of the next run. */
export function cacheOutputs(present: readonly LayerCache[]): Record<string, Float> {
  return Object.fromEntries(
    present.flatMap((layer, i) => parts.map((part) => [next(nameOf(i, part)), layer[part]])),
  );
}

/** Names of those outputs, to keep them on the device. */
export function cacheOutputNames({ layers }: Gpt2Config): string[] {
  return Array.from({ length: layers }, (_, i) => parts.map((part) => next(nameOf(i, part))))
    .flat();
}

/** Keys and values of the tokens read so far, on the device. */
export class KeyValueCache implements Disposable {
  readonly #values = new Map<string, Value>();

  /** The cache as feeds of a graph. */
  feeds(): Record<string, Value> {
    return Object.fromEntries(this.#values);
  }

  /** Takes the cache that a run gave out, in place of the one before. */
  take(config: Gpt2Config, outputs: Readonly<Record<string, Value>>): void {
    for (const name of cacheOutputNames(config)) {
      const own = name.slice(next("").length);
      this.#values.get(own)?.dispose();
      this.#values.set(own, outputs[name]);
    }
  }

  [Symbol.dispose](): void {
    for (const value of this.#values.values()) value.dispose();
    this.#values.clear();
  }
}

/** Graphs that move whole rows of a cache: to repeat a prompt for its samples, and to drop texts that ended. */
export class RowMover implements AsyncDisposable {
  readonly #config: Gpt2Config;
  readonly #session: Session;

  private constructor(config: Gpt2Config, session: Session) {
    this.#config = config;
    this.#session = session;
  }

  static async open(config: Gpt2Config, device: Device): Promise<RowMover> {
    const rows = input("rows", "int64", ["rows"]);
    const moved = cacheInputs(config).map(({ key, value }) => ({
      key: gather(key, rows),
      value: gather(value, rows),
    }));
    const session = await Session.open(compile(cacheOutputs(moved)), device, {
      onDevice: cacheOutputNames(config),
      spinning: false,
    });
    return new RowMover(config, session);
  }

  /** Replaces the cache by the named rows of it, in that order. */
  async select(cache: KeyValueCache, rows: readonly number[]): Promise<void> {
    const feeds = { ...cache.feeds(), rows: integers([rows.length], rows) };
    cache.take(this.#config, await this.#session.run(feeds));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]();
  }
}

/** A longer cache: `added`, `[batch, heads, new, d / heads]`, after `past`. */
export function appended(past: readonly LayerCache[], added: readonly LayerCache[]): LayerCache[] {
  return past.map(({ key, value }, i) => ({
    key: concat([key, added[i].key], 2),
    value: concat([value, added[i].value], 2),
  }));
}
