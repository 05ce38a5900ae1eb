import { next } from "../runtime/state.ts";
import { floats, free, integers, type Value } from "../runtime/value.ts";
import type { BufferPool } from "./buffer_pool.ts";
import type { CacheShape, Part } from "./part.ts";
import { partNames, type PastInputs } from "./part_graph.ts";

/** How graphs take what `RowSlots` keep. */
export const rowPastInputs: PastInputs = { settled: true, fresh: false, perRow: true };

/** Room is made for so many columns at a time. */
const block = 16;

/** A row that was read: its prompt among those of the run, and how many tokens that has. */
export interface ReadRow {
  readonly prompt: number;
  readonly length: number;
}

/**
 * What one part carries for rows that come and go: buffers `[rows, heads, room, size]` in memory, in which every row begins
 * at the first column and has a length of its own. So a row is added or taken away without a look at the others.
 */
export class RowSlots implements Disposable {
  readonly #part: Part;
  readonly #name: string;
  readonly #pool: BufferPool;
  /** Keys and values in turn, block after block. */
  readonly #shapes: readonly CacheShape[];
  #buffers: Float32Array[];
  /** Columns out of sight before a text's first token, the same for all caches. */
  #blank = new Float32Array(0);
  /** Rows that the buffers hold. */
  #capacity = 0;
  /** Columns of a row. */
  #room = 0;
  #lengths: number[] = [];
  /** What is carried beside the caches, row by row. */
  readonly #running: Map<string, Float32Array[]>;

  /** @param name what the part is called in the graph. */
  constructor(part: Part, name: string, pool: BufferPool) {
    this.#part = part;
    this.#name = name;
    this.#pool = pool;
    this.#shapes = part.caches.flatMap((shape) => [shape, shape]);
    this.#buffers = this.#shapes.map(() => new Float32Array(0));
    this.#running = new Map(part.running.map(({ name }) => [name, []]));
  }

  /** Feeds of a run that reads texts from their first token on, as `Part.begin` gives them: shorter ones are padded. */
  promptFeeds(texts: readonly (readonly number[])[]): Record<string, Value> {
    const rows = texts.length;
    const longest = texts.reduce((most, { length }) => Math.max(most, length), 1);
    const padding = texts.map(({ length }) => longest - length);
    const feeds = this.#feeds({
      ids: integers(
        [rows, longest],
        texts.flatMap((ids, row) => [...Array<number>(padding[row]).fill(0), ...ids]),
      ),
      padding,
      lengths: texts.map(() => 0),
    });
    partNames.settled(this.#name, this.#part.caches.length).forEach((name, cache) => {
      const { heads, size } = this.#shapes[cache];
      const shape = [rows, heads, block, size];
      feeds[name] = floats(shape, this.#blankOf(sizeOf(shape)));
    });
    for (const { name, shape } of this.#part.running) {
      const size = sizeOf(shape);
      const none = floats([rows, ...shape], new Float32Array(rows * size));
      feeds[partNames.running(this.#name, name)] = none;
    }
    return feeds;
  }

  /** Adds rows behind those that are there, from what such a run gave out, which is used up. A prompt may become several rows. */
  add(outputs: Readonly<Record<string, Value>>, rows: readonly ReadRow[]): void {
    const first = this.#lengths.length;
    this.#lengths.push(...rows.map(({ length }) => length));
    this.#makeRoom();
    partNames.fresh(this.#name, this.#part.caches.length).forEach((name, cache) => {
      const { heads, size } = this.#shapes[cache];
      const output = outputs[next(name)];
      const columns = output.dims[2];
      const from = output.data as Float32Array;
      rows.forEach(({ prompt, length }, i) => {
        for (let head = 0; head < heads; head++) {
          const end = (prompt * heads + head + 1) * columns * size;
          const to = ((first + i) * heads + head) * this.#room * size;
          this.#buffers[cache].set(from.subarray(end - length * size, end), to);
        }
      });
      free(output);
    });
    for (const { name, shape } of this.#part.running) {
      const size = sizeOf(shape);
      const carried = outputs[next(partNames.running(this.#name, name))].data as Float32Array;
      this.#running.get(name)!.push(
        ...rows.map(({ prompt }) => carried.slice(prompt * size, (prompt + 1) * size)),
      );
    }
  }

  /** Feeds of a run in which every row reads one more token. */
  stepFeeds(tokens: readonly number[]): Record<string, Value> {
    const rows = tokens.length;
    this.#makeRoom();
    const feeds = this.#feeds({
      ids: integers([rows, 1], tokens),
      padding: tokens.map(() => 0),
      lengths: this.#lengths,
    });
    partNames.settled(this.#name, this.#part.caches.length).forEach((name, cache) => {
      const { heads, size } = this.#shapes[cache];
      const shape = [rows, heads, this.#room, size];
      feeds[name] = floats(shape, this.#buffers[cache].subarray(0, sizeOf(shape)));
    });
    for (const { name, shape } of this.#part.running) {
      const size = sizeOf(shape);
      const carried = new Float32Array(rows * size);
      this.#running.get(name)!.forEach((values, row) => carried.set(values, row * size));
      feeds[partNames.running(this.#name, name)] = floats([rows, ...shape], carried);
    }
    return feeds;
  }

  /** Takes what such a run gave out, which is used up. */
  take(outputs: Readonly<Record<string, Value>>): void {
    partNames.fresh(this.#name, this.#part.caches.length).forEach((name, cache) => {
      const { heads, size } = this.#shapes[cache];
      const output = outputs[next(name)];
      const from = output.data as Float32Array;
      this.#lengths.forEach((length, row) => {
        for (let head = row * heads; head < (row + 1) * heads; head++) {
          const column = from.subarray(head * size, (head + 1) * size);
          this.#buffers[cache].set(column, (head * this.#room + length) * size);
        }
      });
      free(output);
    });
    this.#lengths = this.#lengths.map((length) => length + 1);
    for (const { name, shape } of this.#part.running) {
      const size = sizeOf(shape);
      const carried = outputs[next(partNames.running(this.#name, name))].data as Float32Array;
      this.#running.get(name)!.forEach((values, row) =>
        values.set(carried.subarray(row * size, (row + 1) * size))
      );
    }
  }

  /**
   * Takes a row away; the last one gets its place. What it leaves free is blank, since a NaN out of a later text's sight
   * would reach it all the same: times zero it stays NaN.
   */
  remove(row: number): void {
    const last = this.#lengths.length - 1;
    const [freed, length] = [this.#lengths[row], this.#lengths[last]];
    this.#buffers.forEach((buffer, cache) => {
      const { heads, size } = this.#shapes[cache];
      for (let head = 0; head < heads; head++) {
        const from = (last * heads + head) * this.#room * size;
        const to = (row * heads + head) * this.#room * size;
        if (row < last) {
          buffer.copyWithin(to, from, from + length * size);
          buffer.fill(0, to + length * size, to + Math.max(length, freed) * size);
        }
        buffer.fill(0, from, from + length * size);
      }
    });
    for (const values of [this.#lengths, ...this.#running.values()]) {
      const moved = values.pop()!;
      if (row < last) values[row] = moved;
    }
  }

  /** Takes all rows away. */
  clear(): void {
    this.#lengths = [];
    for (const values of this.#running.values()) values.length = 0;
  }

  #feeds(
    { ids, padding, lengths }: {
      ids: Value;
      padding: readonly number[];
      lengths: readonly number[];
    },
  ): Record<string, Value> {
    return {
      [partNames.ids(this.#name)]: ids,
      [partNames.padding(this.#name)]: integers([padding.length], padding),
      [partNames.length(this.#name)]: integers([lengths.length], lengths),
    };
  }

  #blankOf(length: number): Float32Array {
    if (length > this.#blank.length) this.#blank = new Float32Array(length);
    return this.#blank.subarray(0, length);
  }

  /** Room for all rows, and one more column of each; less again where only half of it is used. */
  #makeRoom(): void {
    const rows = this.#lengths.length;
    const longest = this.#lengths.reduce((a, b) => Math.max(a, b), 0);
    const needed = Math.ceil((longest + 1) / block) * block;
    const fits = rows <= this.#capacity && needed <= this.#room && this.#room <= 2 * needed;
    if (fits) return;
    const capacity = rows <= this.#capacity ? this.#capacity : 2 ** Math.ceil(Math.log2(rows));
    const held = Math.min(this.#capacity, rows);
    this.#buffers = this.#buffers.map((buffer, cache) => {
      const { heads, size } = this.#shapes[cache];
      const moved = this.#pool.take(capacity * heads * needed * size);
      for (let row = 0; row < held; row++) {
        const length = Math.min(this.#lengths[row], this.#room) * size;
        for (let head = row * heads; head < (row + 1) * heads; head++) {
          const from = head * this.#room * size;
          moved.set(buffer.subarray(from, from + length), head * needed * size);
        }
      }
      this.#pool.give(buffer);
      return moved;
    });
    this.#capacity = capacity;
    this.#room = needed;
  }

  [Symbol.dispose](): void {
    for (const buffer of this.#buffers) this.#pool.give(buffer);
    this.#buffers = [];
  }
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}
