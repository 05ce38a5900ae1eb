import type { Device } from "../runtime/device.ts";
import { next } from "../runtime/state.ts";
import { integers, rowsOf, type Value, zeros } from "../runtime/value.ts";
import type { BufferPool } from "./buffer_pool.ts";
import type { Cache } from "./cache.ts";
import { GrowingCache, type RowMover } from "./growing_cache.ts";
import type { Part } from "./part.ts";
import { partNames, type PastInputs } from "./part_graph.ts";
import { SettledCache } from "./settled_cache.ts";
import { requireRoom } from "./text_room.ts";

/** How a device keeps what was read. @param inLoop whether the graph goes on by itself for several tokens. */
export function pastInputsOn(device: Device, { inLoop }: { inLoop: boolean }): PastInputs {
  return device.name === "cpu" ? { settled: true, fresh: inLoop } : { settled: false, fresh: true };
}

/** What one part carries from run to run for a batch of texts, and what it is to read next. */
export class PartState implements Disposable {
  readonly #part: Part;
  readonly #name: string;
  readonly #cache: Cache;
  readonly #running = new Map<string, Value>();
  #padding: readonly number[];
  #ids: Value;
  /** Columns that are read, with those that are to be read next. */
  #columns: number;

  /**
   * Left-pads the prompts, as `Part.begin` gives them, to be read by the first run.
   *
   * @param name what the part is called in the graph.
   * @param pool where buffers in memory come from and go to.
   * @param mover moves rows on the device; needed where that is a GPU.
   */
  constructor(
    part: Part,
    name: string,
    prompts: readonly (readonly number[])[],
    inputs: PastInputs,
    pool: BufferPool,
    mover?: RowMover,
  ) {
    const columns = prompts.reduce((most, { length }) => Math.max(most, length), 1);
    this.#part = part;
    this.#name = name;
    this.#columns = columns;
    this.#padding = prompts.map(({ length }) => columns - length);
    this.requireRoom(0);
    this.#ids = integers(
      [prompts.length, columns],
      prompts.flatMap((prompt, row) => [...Array<number>(this.#padding[row]).fill(0), ...prompt]),
    );
    this.#cache = inputs.settled
      ? new SettledCache(part.caches, name, prompts.length, { withFresh: inputs.fresh, pool })
      : new GrowingCache(part.caches, name, prompts.length, mover!);
    for (const { name, shape } of part.running) {
      this.#running.set(name, zeros("float32", [prompts.length, ...shape]));
    }
  }

  /** Everything that the part's step takes. */
  feeds(): Record<string, Value> {
    const feeds = this.#cache.feeds();
    feeds[partNames.ids(this.#name)] = this.#ids;
    feeds[partNames.padding(this.#name)] = integers([this.#padding.length], this.#padding);
    for (const [name, value] of this.#running) feeds[partNames.running(this.#name, name)] = value;
    return feeds;
  }

  /** Takes what a run carried on. @param turns how many times it read: the fed tokens first, then one at a time. */
  take(outputs: Readonly<Record<string, Value>>, turns = 1): void {
    this.#cache.take(outputs, this.#ids.dims[1] + turns - 1);
    this.#columns += turns - 1;
    for (const { name } of this.#part.running) {
      this.#running.set(name, outputs[next(partNames.running(this.#name, name))]);
    }
  }

  /** Says which token every row reads next. */
  reads(tokens: readonly number[]): void {
    this.#ids = integers([tokens.length, 1], tokens);
    this.#columns++;
    this.requireRoom(0);
  }

  /**
   * Refuses texts that do not fit into the context.
   *
   * @param more tokens that are to be read after those that are or will be.
   * @throws {RangeError} if a text has no room for them.
   */
  requireRoom(more: number): void {
    this.#padding.forEach((padding, row) =>
      requireRoom(`Text ${row + 1}`, this.#columns - padding + more, this.#part.context, {
        including: "what the model reads before it",
      })
    );
  }

  /** Goes on with the named rows only, in that order; a row may be named more than once. */
  async select(rows: readonly number[]): Promise<void> {
    await this.#cache.select(rows);
    this.#padding = rows.map((row) => this.#padding[row]);
    this.#ids = rowsOf(this.#ids, rows);
    for (const [name, value] of this.#running) this.#running.set(name, rowsOf(value, rows));
  }

  [Symbol.dispose](): void {
    this.#cache[Symbol.dispose]();
  }
}
