import { gather } from "../graph/ops/mod.ts";
import { compile } from "../graph/program.ts";
import { input } from "../graph/tensor.ts";
import type { Device } from "../runtime/device.ts";
import { Session } from "../runtime/session.ts";
import { next } from "../runtime/state.ts";
import { integers, type Value, zeros } from "../runtime/value.ts";
import type { Cache } from "./cache.ts";
import type { CacheShape } from "./part.ts";
import { partNames } from "./part_graph.ts";

/** A cache that stays on a GPU: a run takes it and gives it back with its tokens behind it. */
export class GrowingCache implements Cache {
  readonly #names: readonly string[];
  readonly #mover: RowMover;
  readonly #values = new Map<string, Value>();
  columns = 0;

  constructor(shapes: readonly CacheShape[], part: string, rows: number, mover: RowMover) {
    this.#names = partNames.fresh(part, shapes.length);
    this.#mover = mover;
    this.#names.forEach((name, i) => {
      const { heads, size } = shapes[i >> 1];
      this.#values.set(name, zeros("float32", [rows, heads, 0, size]));
    });
  }

  feeds(): Record<string, Value> {
    return Object.fromEntries(this.#values);
  }

  take(outputs: Readonly<Record<string, Value>>, count: number): void {
    for (const name of this.#names) {
      this.#values.get(name)!.dispose();
      this.#values.set(name, outputs[next(name)]);
    }
    this.columns += count;
  }

  async select(rows: readonly number[]): Promise<void> {
    for (const name of this.#names) {
      const old = this.#values.get(name)!;
      this.#values.set(name, await this.#mover.select(old, rows));
      old.dispose();
    }
  }

  [Symbol.dispose](): void {
    for (const value of this.#values.values()) value.dispose();
    this.#values.clear();
  }
}

/** A graph that moves whole rows of tensors on a GPU: to repeat a prompt for its samples, and to drop texts that ended. */
export class RowMover implements AsyncDisposable {
  readonly #session: Session;

  private constructor(session: Session) {
    this.#session = session;
  }

  static async open(device: Device): Promise<RowMover> {
    const x = input("x", "float32", ["batch", "heads", "columns", "size"]);
    const y = gather(x, input("rows", "int64", ["rows"]));
    return new RowMover(await Session.open(compile({ y }), device, { onDevice: ["y"] }));
  }

  /** The named rows of a tensor `[batch, heads, columns, size]`, in that order. */
  async select(x: Value, rows: readonly number[]): Promise<Value> {
    return (await this.#session.run({ x, rows: integers([rows.length], rows) })).y;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]();
  }
}
