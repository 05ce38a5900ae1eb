import type { Tensor } from "../graph/tensor.ts";
import { compile } from "../graph/program.ts";
import type { Device } from "../runtime/device.ts";
import { Session } from "../runtime/session.ts";
import type { Value } from "../runtime/value.ts";
import { BufferPool } from "./buffer_pool.ts";
import { RowMover } from "./growing_cache.ts";
import type { Part, StepInputs, StepState } from "./part.ts";
import { cacheOutputNames, partInputs, partOutputs } from "./part_graph.ts";
import { PartState, pastInputsOn } from "./part_state.ts";

/** What a part's step computes beside what it carries on. */
export type StepHead = (inputs: StepInputs) => StepState & {
  readonly outputs: Record<string, Tensor>;
};

/** One part as a graph of its own, which reads prompts and then one token after the other. */
export class PartSession implements AsyncDisposable {
  readonly #part: Part;
  readonly #session: Session;
  readonly #mover: RowMover | undefined;
  readonly #pool = new BufferPool();

  private constructor(part: Part, session: Session, mover: RowMover | undefined) {
    this.#part = part;
    this.#session = session;
    this.#mover = mover;
  }

  /** Builds the graph and loads it. Sessions of this kind take turns, so their threads do not spin. */
  static async open(part: Part, head: StepHead, device: Device): Promise<PartSession> {
    const mover = device.name === "cpu" ? undefined : await RowMover.open(device);
    await using opened = new AsyncDisposableStack();
    opened.use(mover);
    const { outputs, ...state } = head(
      partInputs(part, name, pastInputsOn(device, { inLoop: false })),
    );
    const session = await Session.open(
      compile({ ...outputs, ...partOutputs(name, state) }),
      device,
      { onDevice: cacheOutputNames(part, name), spinning: false },
    );
    opened.move();
    return new PartSession(part, session, mover);
  }

  /** Begins to read the given texts, as `Part.begin` gives them. */
  start(prompts: readonly (readonly number[])[]): PartReading {
    const inputs = pastInputsOn(this.#session.device, { inLoop: false });
    const state = new PartState(this.#part, name, prompts, inputs, this.#pool, this.#mover);
    return new PartReading(this.#session, state);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]();
    await this.#mover?.[Symbol.asyncDispose]();
  }
}

/** What the part is called in its own graph. */
const name = "model";

/** A batch of texts that a part reads token by token. */
export class PartReading implements Disposable {
  readonly #session: Session;
  readonly #state: PartState;

  constructor(session: Session, state: PartState) {
    this.#session = session;
    this.#state = state;
  }

  /** Reads what is to be read next and gives the head's outputs there. `feeds` are the head's own inputs. */
  async read(feeds: Readonly<Record<string, Value>>): Promise<Record<string, Value>> {
    const outputs = await this.#session.run({ ...this.#state.feeds(), ...feeds });
    this.#state.take(outputs);
    return outputs;
  }

  /** Says which token every row reads next. */
  accept(tokens: readonly number[]): void {
    this.#state.reads(tokens);
  }

  /** Goes on with the named rows only, in that order; a row may be named more than once. */
  async select(rows: readonly number[]): Promise<void> {
    await this.#state.select(rows);
  }

  [Symbol.dispose](): void {
    this.#state[Symbol.dispose]();
  }
}
