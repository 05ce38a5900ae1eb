import type * as ort from "onnxruntime-node";
import type { Dim } from "../graph/dim.ts";
import type { TensorType } from "../graph/tensor.ts";
import type { DeviceModel, Program } from "../graph/program.ts";
import { createSession } from "./create_session.ts";
import type { Device } from "./device.ts";
import { fillingModel, noTensor, untilFilled } from "./filling_model.ts";
import { withoutRoom } from "./no_room.ts";
import { preparedValue } from "./prepared_value.ts";
import { mismatch, type Value } from "./value.ts";

/** How a program is loaded. */
export interface SessionOptions {
  /** Threads of one op on the CPU. Default: the environment's OMP_NUM_THREADS, or else one a physical core. */
  threads?: number;
  /** Outputs that stay on the device, where it is not the CPU. Default: none. */
  onDevice?: readonly string[];
  /**
   * Let threads wait for the next op by spinning. Faster for a session that works alone; sessions that
   * take turns in one process fight for the cores. Default true.
   */
  spinning?: boolean;
  /**
   * Pack matrices that are part of the program anew for the processor. Faster where they meet few rows at a time; it costs
   * their size once more. Default true.
   */
  prepacking?: boolean;
  /**
   * Take the memory of a run's results as one piece, once a run of the same sizes has shown how much that is: for large graphs nearly
   * twice what the runs take otherwise, in the same time. Default true.
   */
  patterned?: boolean;
  /**
   * Write all outputs into tensors that a run is given for them, and nowhere else. Without, each is copied once more after the
   * run. For the CPU only. Default false.
   */
  filling?: boolean;
  /** Folder or file prefix for ONNX Runtime's profile of every op. Default: the device's, or no profile. */
  profile?: string;
}

/** A program loaded on a device, ready to run. Dispose it to give its memory back. */
export class Session implements AsyncDisposable {
  readonly program: Program;
  readonly device: Device;
  /** Whether a run writes all outputs into tensors that it is given. */
  readonly filling: boolean;
  readonly #session: ort.InferenceSession;
  /** The inputs to check: those with composed extents last, when the sizes of all names are known. */
  readonly #inputs: readonly (readonly [string, TensorType])[];

  /** Absent where that is the program's own. */
  readonly #model: DeviceModel | undefined;

  private constructor(
    program: Program,
    device: Device,
    { session, model, filling }: {
      session: ort.InferenceSession;
      model: DeviceModel | undefined;
      filling: boolean;
    },
  ) {
    this.program = program;
    this.device = device;
    this.#model = model;
    this.filling = filling;
    this.#session = session;
    const isComposed = ({ shape }: TensorType) => shape.some((dim) => /[+*]/.test(`${dim}`));
    this.#inputs = [...program.inputs].sort(([, a], [, b]) => +isComposed(a) - +isComposed(b));
  }

  /**
   * Loads a program. External weights are mapped from their files.
   *
   * @throws {Error} if the runtime refuses the graph or cannot read the weights, or the device has no room for them.
   */
  static async open(
    program: Program,
    device: Device,
    {
      threads,
      onDevice = [],
      spinning = true,
      prepacking = true,
      patterned = true,
      filling = false,
      profile = device.profile,
    }: SessionOptions = {},
  ): Promise<Session> {
    const kept = new Set(onDevice);
    const options: ort.InferenceSession.SessionOptions = {
      extra: {
        session: {
          ...(spinning ? {} : { "intra_op.allow_spinning": "0" }),
          ...(prepacking ? {} : { disable_prepacking: "1" }),
          ...(program.weightsFolder === undefined
            ? {}
            : { model_external_initializers_file_folder_path: program.weightsFolder || "/" }),
        },
      },
      ...(patterned ? {} : { enableMemPattern: false }),
      ...(threads ? { intraOpNumThreads: threads } : {}),
      ...(profile ? { enableProfiling: true, profileFilePrefix: profile } : {}),
    };
    if (device.name !== "cpu") {
      options.preferredOutputLocation = Object.fromEntries(
        [...program.outputs.keys()].map((name) => [name, kept.has(name) ? "gpu-buffer" : "cpu"]),
      );
    }
    const isHalved = device.precision === "float16" && program.weightsFolder !== undefined;
    const loaded = isHalved
      ? program.inHalf(device.name === "cpu" ? "rounding" : "float16")
      : program;
    const model = device.name === "cpu"
      ? undefined
      : loaded.onDevice(device.name === "webgpu" ? "portable" : "own");
    const bytes = model?.model ?? loaded.model;
    const session = await createSession(
      device.name,
      filling ? fillingModel(bytes) : bytes,
      options,
    ).catch((error) => {
      throw model ? withoutRoom(error, program, device.name) : error;
    });
    return new Session(program, device, { session, model, filling });
  }

  /**
   * Runs the program once. The call holds the thread; the event loop turns between calls.
   *
   * @param feeds every input by name.
   * @param into tensors in memory that take these outputs, instead of new ones.
   * @returns the outputs by name; those kept on the device belong to the caller, who disposes them.
   * @throws {TypeError} if an input is missing, unknown, or of another element type or shape, or a tensor to be filled is missing.
   * @throws {Error} if the device has no room for what is computed.
   */
  async run(
    feeds: Readonly<Record<string, Value>>,
    into: Readonly<Record<string, Value>> = {},
  ): Promise<Record<string, Value>> {
    const sizes = this.#check(feeds);
    const fetches: Record<string, Value | null> = {};
    for (const name of this.program.outputs.keys()) fetches[name] = into[name] ?? null;
    if (this.filling) {
      for (const [name, value] of Object.entries(fetches)) {
        if (!value) {
          throw new TypeError(`The graph's output ${name} has no tensor to be written to.`);
        }
      }
      await untilFilled(this.#session.run(feeds, { [noTensor]: null, ...fetches }));
      return fetches as Record<string, Value>;
    }
    const taken = this.#modelFeeds(feeds, sizes);
    const outputs = await this.#session.run(taken, fetches).catch((error) => {
      throw this.#model ? withoutRoom(error, this.program, this.device.name, sizes) : error;
    }) as Record<string, Value>;
    if (this.#model) {
      for (const value of Object.values(outputs)) this.device.copies?.add("down", value);
    }
    return outputs;
  }

  /** What the model itself takes: inputs, and what is made of them before. */
  #modelFeeds(
    feeds: Readonly<Record<string, Value>>,
    sizes: ReadonlyMap<Dim, number>,
  ): Readonly<Record<string, Value>> {
    if (!this.#model) return feeds;
    const { inputs, prepared } = this.#model;
    const taken: Record<string, Value> = {};
    for (const name in feeds) if (inputs.has(name)) taken[name] = feeds[name];
    for (const [name, x] of prepared) taken[name] = preparedValue(x, feeds, sizes);
    for (const name in taken) {
      // providers read shapes in memory
      if (prepared.get(name)?.source.kind === "extents") continue;
      this.device.copies?.add("up", taken[name]);
    }
    return taken;
  }

  /** The sizes of all names in the shapes of inputs. */
  #check(feeds: Readonly<Record<string, Value>>): Map<Dim, number> {
    const sizes = new Map<Dim, number>();
    for (const [name, { dtype, shape }] of this.#inputs) {
      const value = feeds[name];
      if (!value) throw new TypeError(`The graph's input ${name} was not fed.`);
      const problem = mismatch(value, dtype, shape, sizes);
      if (problem) throw new TypeError(`The graph's input ${name} ${problem}.`);
    }
    for (const [name, value] of Object.entries(feeds)) {
      // an extent may be named by the input that it is fed by
      if (value.type === "int64" && value.location === "cpu" && value.size === 1) {
        sizes.set(`$${name}`, Number(value.data[0]));
      }
      if (!this.program.inputs.has(name)) throw new TypeError(`The graph has no input ${name}.`);
    }
    return sizes;
  }

  /** Ends profiling and writes the profile's file. */
  endProfiling(): void {
    this.#session.endProfiling();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session.release();
  }
}
