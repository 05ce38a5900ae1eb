import type { DType } from "../graph/tensor.ts";
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
 * On the CPU there are two sets of buffers that swap roles, so a run copies nothing. On a GPU the values
 * stay on the device, and each is disposed once its successor is there.
 */
export class State implements Disposable {
  readonly #device: Device;
  readonly #values = new Map<string, Value>();
  readonly #spare = new Map<string, Value>();

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
   * `next.x`, and returns the other outputs.
   */
  async advance(
    session: Session,
    feeds: Readonly<Record<string, Value>>,
  ): Promise<Record<string, Value>> {
    const changing = this.names.filter((name) => session.program.outputs.has(next(name)));
    const into: Record<string, Value> = {};
    if (this.#device.name === "cpu") {
      for (const name of changing) into[next(name)] = this.#spareFor(name);
    }
    const outputs = await session.run({ ...this.feeds(session), ...feeds }, into);
    for (const name of changing) {
      const old = this.#values.get(name)!;
      // the runtime fills the spare buffer but returns a copy of it, so the buffer itself is kept
      this.#values.set(name, into[next(name)] ?? outputs[next(name)]);
      if (this.#device.name === "cpu") this.#spare.set(name, old);
      else old.dispose();
      delete outputs[next(name)];
    }
    return outputs;
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
