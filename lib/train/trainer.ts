import { gradients } from "../graph/gradient.ts";
import { add, mul } from "../graph/ops/mod.ts";
import { forManyRows } from "../graph/many_rows.ts";
import { compile } from "../graph/program.ts";
import { input, type Tensor } from "../graph/tensor.ts";
import { fedParameters, type Parameters } from "../models/parameters.ts";
import type { Device } from "../runtime/device.ts";
import { Session, type SessionOptions } from "../runtime/session.ts";
import { next, State } from "../runtime/state.ts";
import { read } from "../runtime/transfer.ts";
import { floats, type Value, zeros } from "../runtime/value.ts";
import { adamW, adamWFeeds, clipFactor, globalNorm, moments } from "./adamw.ts";
import type { AdamWOptions } from "./adamw_options.ts";
import { NotFinite, notFiniteIn } from "./not_finite.ts";
import type { Example, Objective, Part } from "./objective.ts";

type Float = Tensor<"float32">;

/** Loss and its terms, by name, and `grad_norm` where gradients are clipped. */
export type Losses = Record<string, number>;

export interface TrainerOptions {
  adamw?: AdamWOptions;
  /** Whether batches come in several parts whose gradients are accumulated. Default false. */
  accumulate?: boolean;
  /** Whether activations are computed once more for the gradients instead of being kept for them. Default false. */
  recompute?: boolean;
  threads?: number;
  /** Train in the arrays of the initial values, which are then the trainer's. Default: in copies of them. */
  inPlace?: boolean;
  /** Where frozen parameters stand in a file, which the runtime maps. Default: they are among the initial values. */
  stored?: Parameters;
}

const sumOf = (name: string) => `gradient.${name}`;

/** Either `step`, or `accumulate` and `apply` where batches come in parts. */
interface Sessions {
  readonly step?: Session;
  readonly accumulate?: Session;
  readonly apply?: Session;
  readonly evaluate: Session;
}

/**
 * A model in training. One graph takes parameters, moments and a batch, and gives the losses and the new
 * parameters and moments, which stay on the device from step to step.
 */
export class Trainer implements AsyncDisposable {
  readonly objective: Objective;
  readonly #options: TrainerOptions;
  readonly #state: State;
  readonly #sessions: Sessions;
  readonly #device: Device;
  readonly #resources: AsyncDisposableStack;
  #steps = 0;

  private constructor(
    objective: Objective,
    options: TrainerOptions,
    { state, sessions, device, resources }: {
      state: State;
      sessions: Sessions;
      device: Device;
      /** State and sessions, to be disposed. */
      resources: AsyncDisposableStack;
    },
  ) {
    this.objective = objective;
    this.#options = options;
    this.#state = state;
    this.#sessions = sessions;
    this.#device = device;
    this.#resources = resources;
  }

  /**
   * Builds the graphs of training and loads them on a device.
   *
   * @param initial a value for each of the objective's parameters, but for those that are stored.
   * @throws {TypeError} if the device is opened for float16.
   */
  static async open(
    objective: Objective,
    initial: ReadonlyMap<string, Float32Array>,
    device: Device,
    options: TrainerOptions = {},
  ): Promise<Trainer> {
    if (device.precision === "float16") {
      throw new TypeError("Training is in float32: open the device without the precision float16.");
    }
    const graphs = graphsOf(objective, options);
    await using resources = new AsyncDisposableStack();
    const open = async (outputs: Record<string, Float>, advances = true) => {
      const session: SessionOptions = {
        threads: options.threads,
        onDevice: Object.keys(outputs).filter((name) => name.startsWith(next(""))),
        // with the many rows of a batch packed copies of stored matrices gain nothing
        prepacking: options.stored === undefined,
        patterned: false,
        filling: advances && device.name === "cpu",
      };
      const graph = device.name === "cpu" ? forManyRows(outputs) : outputs;
      return resources.use(await Session.open(compile(graph), device, session));
    };
    const state = resources.use(
      await State.open(initialState(objective, initial, options), device),
    );
    const opened = (sessions: Sessions) =>
      new Trainer(objective, options, { state, sessions, device, resources: resources.move() });
    const { losses, step, accumulate, apply } = graphs;
    return opened({
      evaluate: await open(losses, false),
      step: step && await open(step),
      accumulate: accumulate && await open(accumulate),
      apply: apply && await open(apply),
    });
  }

  /** How many steps were taken so far. */
  get steps(): number {
    return this.#steps;
  }

  /**
   * One step of the optimizer on a batch.
   *
   * @param parts the batch, in parts; more than one only where gradients are accumulated.
   * @param rate the learning rate.
   * @throws {NotFinite} if the loss, a term of it or the gradients' norm is no longer finite; the state is then as the step left it.
   */
  async step(parts: readonly Part[], rate: number): Promise<Losses> {
    const schedule = adamWFeeds(this.#steps + 1, rate, this.#options.adamw ?? {});
    const { step, accumulate, apply } = this.#sessions;
    const losses: Losses = {};
    if (step) {
      if (parts.length !== 1) throw new RangeError("Without accumulation a batch is one part.");
      addLosses(
        losses,
        await this.#feed(parts[0], (feeds) => this.#state.advance(step, { ...feeds, ...schedule })),
      );
    } else {
      for (const [i, part] of parts.entries()) {
        const keep = floats([], Float32Array.of(i === 0 ? 0 : 1));
        addLosses(
          losses,
          await this.#feed(part, (feeds) => this.#state.advance(accumulate!, { ...feeds, keep })),
        );
      }
      addLosses(losses, await this.#state.advance(apply!, schedule));
    }
    this.#steps++;
    const problem = notFiniteIn(losses);
    if (problem !== undefined) {
      throw new NotFinite(
        `${problem} at step ${this.#steps}`,
        parts.flatMap(({ examples }) => examples),
        `try a lower learning rate than ${rate}`,
      );
    }
    return losses;
  }

  /** The losses on the given parts, without a step. */
  async evaluate(parts: Iterable<Part>): Promise<Losses> {
    const losses: Losses = {};
    const { evaluate } = this.#sessions;
    for (const part of parts) {
      addLosses(
        losses,
        await this.#feed(
          part,
          (feeds) => evaluate.run({ ...this.#state.feeds(evaluate), ...feeds }),
        ),
      );
    }
    return losses;
  }

  /** The losses of one prediction for all texts, if the objective knows them. */
  async constantLosses(
    training: readonly Example[],
    evaluation: readonly Part[],
  ): Promise<Losses | undefined> {
    return await this.objective.constantLosses?.(
      training,
      evaluation,
      (value) => read(value, "float32", this.#device),
    );
  }

  /** Feeds a part to a run and disposes what the feeds hold on the device. */
  async #feed<T>(part: Part, run: (feeds: Record<string, Value>) => Promise<T>): Promise<T> {
    const feeds = await this.objective.feeds(part).catch((error) => {
      if (!(error instanceof NotFinite)) throw error;
      const { problem, batch, remedy } = error;
      throw new NotFinite(`${problem} at step ${this.#steps + 1}`, batch, remedy);
    });
    try {
      return await run(feeds);
    } finally {
      for (const value of Object.values(feeds)) {
        if (value.location !== "cpu") value.dispose();
      }
    }
  }

  /** Copies of all parameters that are not stored, frozen ones included. */
  async parameters(): Promise<Map<string, Float32Array>> {
    const { stored } = this.#options;
    return await this.#read(stored ? this.trained : [...this.objective.shapes.keys()]);
  }

  /** Names of the parameters that train. */
  get trained(): string[] {
    return [...this.objective.shapes.keys()].filter((name) => !this.objective.frozen.has(name));
  }

  /** What training changes from step to step, parameters that train and their moments, and how many numbers each has. */
  get changing(): ReadonlyMap<string, number> {
    const names = this.#state.names.filter((name) =>
      !this.objective.frozen.has(name) && !name.startsWith(sumOf(""))
    );
    return new Map(names.map((name) => [name, this.#state.get(name).size]));
  }

  /** A copy of a parameter or moment. @throws {TypeError} if there is none of that name. */
  async read(name: string): Promise<Float32Array> {
    return await this.#state.read(name, "float32");
  }

  /** Copies of everything that training changes: parameters and moments. */
  async snapshot(): Promise<Map<string, Float32Array>> {
    return await this.#read([...this.changing.keys()]);
  }

  async #read(names: readonly string[]): Promise<Map<string, Float32Array>> {
    const values = new Map<string, Float32Array>();
    for (const name of names) values.set(name, await this.read(name));
    return values;
  }

  /**
   * Takes up training where a snapshot was made, after `steps` steps.
   *
   * @param read gives what the snapshot has of this name, which is then the trainer's; one tensor is asked for after the other.
   * @throws {RangeError} if the snapshot is of another model.
   */
  async restore(
    read: (name: string) => Promise<Float32Array | undefined>,
    steps: number,
  ): Promise<void> {
    for (const name of this.changing.keys()) {
      const values = await read(name);
      const { dims, size } = this.#state.get(name);
      if (values?.length !== size) {
        throw new RangeError(
          `The snapshot has no ${name} of shape [${dims}]: it is of another model.`,
        );
      }
      await this.#state.set(name, floats(dims, values));
    }
    this.#steps = steps;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources[Symbol.asyncDispose]();
  }
}

/** What the graphs of training give back. */
interface Graphs {
  readonly losses: Record<string, Float>;
  /** Either this, or the other two where batches come in parts. */
  readonly step?: Record<string, Float>;
  readonly accumulate?: Record<string, Float>;
  readonly apply?: Record<string, Float>;
}

function graphsOf(objective: Objective, options: TrainerOptions): Graphs {
  const parameters = trainedParameters(objective, options);
  const { loss, terms } = objective.loss(parameters);
  const losses: Record<string, Float> = { loss, ...withoutLoss(terms, loss) };
  const trained = [...objective.shapes].filter(([name]) => !objective.frozen.has(name));
  const values = trained.map(([name, shape]) => parameters(name, shape));
  const byName = <T>(list: readonly T[]): Map<string, T> =>
    new Map(trained.map(([name], i) => [name, list[i]]));

  const slopes = byName(gradients(loss, values, { recompute: options.recompute }));
  const update = (gradientOf: ReadonlyMap<string, Float>) =>
    clippedUpdate(byName(values), gradientOf, options.adamw, objective.stepFactors);
  if (!options.accumulate) return { losses, step: { ...losses, ...update(slopes) } };
  const sums = byName(trained.map(([name, shape]) => input(sumOf(name), "float32", shape)));
  const keep = input("keep", "float32", []);
  const summed = [...slopes].map(([name, slope]) =>
    [next(sumOf(name)), add(mul(sums.get(name)!, keep), slope)] as const
  );
  return {
    losses,
    accumulate: { ...losses, ...Object.fromEntries(summed) },
    apply: update(sums),
  };
}

/** What each graph that training runs gives back, by name. */
export function outputsOf(
  objective: Objective,
  options: TrainerOptions,
): readonly Record<string, Float>[] {
  return Object.values(graphsOf(objective, options));
}

/** Parameters that are fed, but for frozen ones that are stored. */
function trainedParameters(
  { frozen }: Objective,
  { stored }: Pick<TrainerOptions, "stored">,
): Parameters {
  const fed = fedParameters();
  return stored ? (name, shape) => (frozen.has(name) ? stored : fed)(name, shape) : fed;
}

/** A loss of one term is reported once. */
function withoutLoss(terms: Record<string, Float>, loss: Float): Record<string, Float> {
  return Object.fromEntries(Object.entries(terms).filter(([, term]) => term !== loss));
}

function clippedUpdate(
  values: ReadonlyMap<string, Float>,
  slopes: ReadonlyMap<string, Float>,
  options: AdamWOptions = {},
  stepFactors: ReadonlyMap<string, number> = new Map(),
): Record<string, Float> {
  const { maxGradNorm = 0 } = options;
  const norm = maxGradNorm === 0 ? undefined : globalNorm(slopes.values());
  const factor = norm && clipFactor(norm, maxGradNorm);
  const pairs = [...values].map(([name, value]) => {
    const slope = slopes.get(name)!;
    const gradient = factor ? mul(slope, factor) : slope;
    return [name, { value, gradient, stepFactor: stepFactors.get(name) }] as const;
  });
  return { ...(norm ? { grad_norm: norm } : {}), ...adamW(new Map(pairs), options) };
}

/** The first state: the initial parameters, and zeros for moments and accumulated gradients. */
function initialState(
  { shapes, frozen }: Objective,
  initial: ReadonlyMap<string, Float32Array>,
  { accumulate, stored, inPlace }: TrainerOptions,
): [string, Value][] {
  const state: [string, Value][] = [];
  for (const [name, shape] of shapes) {
    if (stored && frozen.has(name)) continue;
    const values = initial.get(name);
    if (!values) throw new TypeError(`There is no initial value for ${name}.`);
    state.push([name, floats(shape, inPlace ? values : values.slice())]);
    if (frozen.has(name)) continue;
    const { first, second } = moments(name);
    state.push([first, zeros("float32", shape)], [second, zeros("float32", shape)]);
    if (accumulate) state.push([sumOf(name), zeros("float32", shape)]);
  }
  return state;
}

function addLosses(losses: Losses, outputs: Record<string, Value>): void {
  for (const [name, { data }] of Object.entries(outputs)) {
    losses[name] = (losses[name] ?? 0) + (data as Float32Array)[0];
  }
}
