import { overwritable } from "../graph/overwritable.ts";
import type { DType, TensorType } from "../graph/tensor.ts";
import type { Device } from "./device.ts";
import { read, toDevice } from "./transfer.ts";
import type { Session } from "./session.ts";
import { type ArrayOf, type Value, zeros } from "./value.ts";

/** What a graph's output is called that becomes the state `name` of the next run. */
export function next(name: string): string {
  return `next.${name}`;
}

/**
 * Tensors that a graph takes and gives back changed, such as weights and moments in training.
 *
 * On the CPU a value is written where its predecessor stands, if the graph no longer reads that when it computes it; of the others
 * there are two buffers that swap roles. On a GPU the values stay on the device, and each is disposed once its successor is there.
 */
export class State implements Disposable {
  readonly #device: Device;
  readonly #values = new Map<string, Value>();
  readonly #spare = new Map<string, Value>();
  /** What each session writes in place. */
  readonly #overwritten = new Map<Session, ReadonlySet<string>>();

  private constructor(device: Device) {
    this.#device = device;
  }

  /** A state with these first values, which belong to it from now on and are moved to the device. */
  static async open(values: Iterable<readonly [string, Value]>, device: Device): Promise<State> {
    const state = new State(device);
    for (const [name, value] of values) state.#values.set(name, await toDevice(value, device));
    return state;
  }

  get names(): string[] {
    return [...this.#values.keys()];
  }

  /** The current value of one tensor; it belongs to the state and changes hands at the next `advance`. */
  get(name: string): Value {
    const value = this.#values.get(name);
    if (!value) throw new TypeError(`The state has no tensor ${name}.`);
    return value;
  }

  /** Replaces the value of one tensor, which then belongs to the state. */
  async set(name: string, value: Value): Promise<void> {
    const old = this.get(name);
    this.#values.set(name, await toDevice(value, this.#device));
    if (old.location !== "cpu") old.dispose();
  }

  /** The current values of those tensors that the session takes as inputs. */
  feeds(session: Session): Record<string, Value> {
    return Object.fromEntries(
      [...this.#values].filter(([name]) => session.program.inputs.has(name)),
    );
  }

  /**
   * Runs the session on the state and `feeds`, replaces every tensor `x` for which there is an output
   * `next.x`, and returns the other outputs. If the run itself fails, what it overwrites is lost.
   */
  async advance(
    session: Session,
    feeds: Readonly<Record<string, Value>>,
  ): Promise<Record<string, Value>> {
    const { outputs: types } = session.program;
    const changing = this.names.filter((name) => types.has(next(name)));
    const into: Record<string, Value> = {};
    if (this.#device.name === "cpu") {
      const overwritten = this.#overwrittenBy(session, changing);
      for (const name of changing) {
        into[next(name)] = overwritten.has(name) ? this.get(name) : this.#spareFor(name);
      }
    }
    if (session.filling) {
      for (const [name, type] of types) into[name] ??= fresh(type);
    }
    const outputs = await session.run({ ...this.feeds(session), ...feeds }, into);
    for (const name of changing) {
      const old = this.#values.get(name)!;
      // a run that does not fill returns a copy of the buffer that it was given, so the buffer itself is kept
      const value = into[next(name)] ?? outputs[next(name)];
      this.#values.set(name, value);
      if (this.#device.name !== "cpu") old.dispose();
      else if (value !== old) this.#spare.set(name, old);
      delete outputs[next(name)];
    }
    return outputs;
  }

  #overwrittenBy(session: Session, changing: readonly string[]): ReadonlySet<string> {
    let known = this.#overwritten.get(session);
    if (!known) {
      const replaced = new Map(changing.map((name) => [name, next(name)]));
      known = overwritable(session.program.outputs, replaced);
      this.#overwritten.set(session, known);
    }
    return known;
  }

  #spareFor(name: string): Value {
    const value = this.#values.get(name)!;
    let spare = this.#spare.get(name);
    if (!spare) {
      spare = zeros(value.type as DType, value.dims);
      this.#spare.set(name, spare);
    }
    return spare;
  }

  /** A copy of one tensor's elements in memory. */
  async read<D extends DType>(name: string, dtype: D): Promise<ArrayOf[D]> {
    return await read(this.get(name), dtype, this.#device);
  }

  [Symbol.dispose](): void {
    for (const value of [...this.#values.values(), ...this.#spare.values()]) value.dispose();
    this.#values.clear();
    this.#spare.clear();
  }
}

/** A tensor for an output. @throws {TypeError} if its shape depends on what is fed. */
function fresh({ dtype, shape }: TensorType): Value {
  const extents = shape.map((dim) => {
    if (typeof dim === "number") return dim;
    throw new TypeError(`A session that fills has an output whose extent ${dim} is not known.`);
  });
  return zeros(dtype, extents);
}
