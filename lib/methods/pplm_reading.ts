import type { Backbone } from "../models/backbone.ts";
import type { Parameters } from "../models/parameters.ts";
import type { Device } from "../runtime/device.ts";
import { Lazy } from "../runtime/lazy.ts";
import { Session } from "../runtime/session.ts";
import { floats, integers, rowsOf, type Value } from "../runtime/value.ts";
import {
  cacheNames,
  changeProgram,
  type Classify,
  perturbProgram,
  type PplmStep,
  readProgram,
} from "./pplm_graphs.ts";
import type { RewardReading } from "./reward_model.ts";

/** How the base model's keys and values are perturbed at every step. */
export interface PplmSettings extends PplmStep {
  readonly iterations: number;
}

/** Tokens that go through the backbone for a step: one to know, two an iteration, and one to see what it came to. */
export const pplmCalls = (iterations: number): number => 2 + 2 * iterations;

/** The graphs of PPLM for one model. */
export class PplmSessions implements AsyncDisposable {
  readonly backbone: Backbone;
  readonly settings: PplmSettings;
  readonly first: Lazy<Session>;
  readonly read: Lazy<Session>;
  readonly perturb: Lazy<Session>;
  readonly change: Lazy<Session>;
  readonly changeOfAll: Lazy<Session>;

  constructor(
    backbone: Backbone,
    parameters: Parameters,
    classify: Classify,
    device: Device,
    settings: PplmSettings,
  ) {
    this.backbone = backbone;
    this.settings = settings;
    const open = (program: () => ReturnType<typeof readProgram>) =>
      new Lazy(() => Session.open(program(), device, { spinning: false }));
    this.first = open(() => readProgram(backbone, parameters, false));
    this.read = open(() => readProgram(backbone, parameters, true));
    this.perturb = open(() => perturbProgram(backbone, parameters, classify, settings));
    this.change = open(() => changeProgram(backbone, true));
    this.changeOfAll = open(() => changeProgram(backbone, false));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const lazy of [this.first, this.read, this.perturb, this.change, this.changeOfAll]) {
      await lazy[Symbol.asyncDispose]();
    }
  }
}

type Values = Readonly<Record<string, Value>>;

/** Values of a batch, the caches under the names `past.*`. */
interface State {
  /** The keys and values of what was read before the last token, as they are and as they were moved. */
  readonly known: Values;
  readonly moved: Values;
  readonly padding: readonly number[];
  /** Sum of the true hidden states of the tokens before the last, and how many these are. */
  readonly sum: Value;
  readonly count: readonly number[];
  /** The last token of each row, which is read next. */
  readonly last: readonly number[];
}

/** What a step came to, which is the next one's state when a token was taken. */
type Read = Pick<State, "known" | "moved" | "sum">;

/** A batch of texts whose past is perturbed anew at every token, and stays perturbed. */
export class PplmReading implements RewardReading {
  readonly #sessions: PplmSessions;
  #state: State;
  #read?: Read;
  backboneCalls = 0;

  private constructor(sessions: PplmSessions, state: State) {
    this.#sessions = sessions;
    this.#state = state;
  }

  /** @param texts what is read of each prompt, from BOS on. */
  static async start(
    sessions: PplmSessions,
    texts: readonly (readonly number[])[],
  ): Promise<PplmReading> {
    const columns = Math.max(...texts.map(({ length }) => length)) - 1;
    const padding = texts.map(({ length }) => columns + 1 - length);
    const { width, blocks } = sessions.backbone;
    const rows = texts.length;
    const common = {
      padding,
      count: texts.map(({ length }) => length - 1),
      last: texts.map((text) => text.at(-1)!),
    };
    if (columns === 0) {
      const nothing = Object.fromEntries(
        cacheNames("past", blocks.length).map((name, i) => {
          const { keyHeads, size } = blocks[Math.floor(i / 2)];
          return [name, floats([rows, keyHeads, 0, size], new Float32Array(0))];
        }),
      );
      const sum = floats([rows, width], new Float32Array(rows * width));
      return new PplmReading(sessions, { ...common, known: nothing, moved: nothing, sum });
    }
    const table = <T>(fill: (row: number, column: number) => T) =>
      texts.flatMap((_, row) => Array.from({ length: columns }, (_, i) => fill(row, i)));
    const outputs = await (await sessions.first.get()).run({
      ids: integers([rows, columns], table((row, i) => texts[row][i - padding[row]] ?? 0)),
      padding: integers([rows], padding),
      counted: floats(
        [rows, columns],
        Float32Array.from(table((row, i) => i < padding[row] ? 0 : 1)),
      ),
    });
    const known = renamed(outputs, "present", "past", blocks.length);
    return new PplmReading(sessions, { ...common, known, moved: known, sum: outputs.sum });
  }

  async rate(candidates?: Value): Promise<Value> {
    const { known, padding, count, last, sum } = this.#state;
    const { backbone: { blocks }, settings: { iterations } } = this.#sessions;
    const rows = last.length;
    const ids = integers([rows, 1], last);
    const common = { ids, padding: integers([rows], padding) };
    const counted = floats([rows, 1], new Float32Array(rows).fill(1));
    const read = await this.#sessions.read.get();
    const own = await read.run({ ...common, counted, ...known });
    const { logits } = own;
    const withLast = added(sum, own.sum);
    const present = renamed(own, "present", "past", blocks.length);
    let moved = this.#state.moved;
    const [, , columns] = Object.values(moved)[0].dims;
    // there is nothing to move before the first token
    for (let i = 0; i < iterations && columns > 0; i++) {
      const outputs = await (await this.#sessions.perturb.get()).run({
        ...common,
        rows: integers([rows, 1], last.map((_, row) => row)),
        ...moved,
        ...renamed(own, "present", "true", blocks.length),
        sum,
        // the tokens that were read, and the one that may come
        tokens: floats([rows, 1], Float32Array.from(count, (before) => before + 2)),
        label: floats([1, 1], Float32Array.of(1)),
        logits,
      });
      moved = renamed(outputs, "moved", "past", blocks.length);
    }
    const perturbed = await read.run({ ...common, counted, ...moved });
    this.backboneCalls += rows * pplmCalls(iterations);
    this.#read = {
      known: present,
      moved: renamed(perturbed, "present", "past", blocks.length),
      sum: withLast,
    };
    const change = await (candidates ? this.#sessions.change : this.#sessions.changeOfAll).get();
    const { scores } = await change.run({
      perturbed: perturbed.logits,
      logits,
      ...(candidates ? { candidates } : {}),
    });
    return scores;
  }

  accept(tokens: readonly number[]): Promise<void> {
    this.#state = {
      ...this.#state,
      ...this.#read!,
      count: this.#state.count.map((before) => before + 1),
      last: tokens,
    };
    this.#read = undefined;
    return Promise.resolve();
  }

  select(rows: readonly number[]): Promise<void> {
    const { padding, count, last, ...values } = this.#state;
    const ofRows = (numbers: readonly number[]) => rows.map((row) => numbers[row]);
    this.#state = {
      ...selected(values, rows),
      padding: ofRows(padding),
      count: ofRows(count),
      last: ofRows(last),
    };
    this.#read = this.#read && selected(this.#read, rows);
    return Promise.resolve();
  }

  [Symbol.dispose](): void {
    this.#read = undefined;
  }
}

function selected({ known, moved, sum }: Read, rows: readonly number[]): Read {
  const of = (values: Values): Values =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, rowsOf(value, rows)]));
  return { known: of(known), moved: of(moved), sum: rowsOf(sum, rows) };
}

function renamed(values: Values, from: string, to: string, blocks: number): Values {
  const names = cacheNames(to, blocks);
  return Object.fromEntries(cacheNames(from, blocks).map((name, i) => [names[i], values[name]]));
}

function added(a: Value, b: Value): Value {
  const [x, y] = [a.data as Float32Array, b.data as Float32Array];
  return floats([...a.dims], x.map((value, i) => value + y[i]));
}
