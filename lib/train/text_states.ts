import { compile } from "../graph/program.ts";
import { input, type Tensor } from "../graph/tensor.ts";
import type { Backbone } from "../models/backbone.ts";
import { forward } from "../models/forward.ts";
import { notingBackbone } from "../models/trunk.ts";
import type { Parameters } from "../models/parameters.ts";
import { Progress } from "../progress.ts";
import { Random } from "../random.ts";
import type { Device } from "../runtime/device.ts";
import { Session } from "../runtime/session.ts";
import { read } from "../runtime/transfer.ts";
import type { Value } from "../runtime/value.ts";
import { Turns } from "../turns.ts";
import { type Example, longest, type Objective, type Part } from "./objective.ts";
import { textBatches } from "./text_batches.ts";
import { graphMemory } from "./training_memory.ts";

/** What the first blocks of a frozen backbone make of what an objective reads of texts. */
export interface TextStates {
  /** The hidden states of every text, one row a place, `[places, width]` each. */
  of(part: Part): Promise<readonly Float32Array[]>;
}

/** Tokens that are read at once. */
const tokensAtOnce = 2048;

/** A frozen backbone as a graph of its own, which reads what an objective feeds. */
export class StateReader implements TextStates, AsyncDisposable {
  readonly #objective: Pick<Objective, "feeds">;
  readonly #session: Session;
  readonly #width: number;

  private constructor(objective: Pick<Objective, "feeds">, session: Session, width: number) {
    this.#objective = objective;
    this.#session = session;
    this.#width = width;
  }

  /** @param parameters of the backbone, where they are stored. */
  static async open(
    objective: Pick<Objective, "feeds">,
    { backbone, blocks, parameters, device }: {
      readonly backbone: Backbone;
      /** Above how many blocks the states are read; of all, after the final norm. */
      readonly blocks: number;
      readonly parameters: Parameters;
      readonly device: Device;
    },
  ): Promise<StateReader> {
    const session = await Session.open(
      compile({ states: statesOf(backbone, blocks, parameters) }),
      device,
      { prepacking: false },
    );
    return new StateReader(objective, session, backbone.width);
  }

  async of(part: Part): Promise<readonly Float32Array[]> {
    const { device } = this.#session;
    // what a step draws must not depend on whether its texts were read before
    const random = new Random(0, "reading");
    const { ids, mask, ...others } = await this.#objective.feeds({ ...part, random });
    disposeOnDevice(Object.values(others));
    const { states } = await this.#session.run({ ids, mask });
    const values = await read(states, "float32", device);
    disposeOnDevice([states]);
    const [, time] = ids.dims;
    const seen = mask.data as Float32Array;
    return part.examples.map((_, i) => {
      const places = seen.subarray(i * time, (i + 1) * time).reduce((sum, one) => sum + one, 0);
      const from = i * time * this.#width;
      return values.slice(from, from + places * this.#width);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]();
  }
}

/** Bytes that reading takes beside what is kept of it: the backbone's weights, and what a batch computes. */
export function readingMemory(
  backbone: Backbone,
  parameters: Parameters,
  examples: readonly Example[],
): number {
  const time = longest(examples) + 1;
  const batch = Math.max(1, Math.floor(tokensAtOnce / time));
  return graphMemory(
    [statesOf(backbone, backbone.blocks.length, parameters)],
    new Map(Object.entries({ batch, time })),
  )!;
}

/**
 * Reads every text once.
 *
 * @param of what is to be kept of each text of a part.
 * @returns undefined if the signal came before the end.
 */
export async function readTexts<Kept>(
  examples: readonly Example[],
  of: (part: Part) => Promise<readonly Kept[]>,
  { label, signal }: { readonly label: string; readonly signal?: AbortSignal },
): Promise<Map<Example, Kept> | undefined> {
  const texts = new Map<Example, Kept>();
  const total = examples.filter(({ ids }) => ids.length > 0).length;
  const progress = new Progress({ label, total, unit: "texts" });
  const turns = new Turns();
  for (const batch of textBatches(examples, tokensAtOnce)) {
    await turns.take();
    if (signal?.aborted) return undefined;
    const kept = await of(partOf(batch));
    batch.forEach((example, i) => texts.set(example, kept[i]));
    progress.update(texts.size);
  }
  progress.done();
  return texts;
}

/** Texts as a batch of their own. */
function partOf(examples: readonly Example[]): Part {
  return {
    examples,
    rows: examples.length,
    tokens: examples.reduce((sum, { ids }) => sum + ids.length, 0),
    random: new Random(0, "reading"),
  };
}

function statesOf(
  backbone: Backbone,
  blocks: number,
  parameters: Parameters,
): Tensor<"float32"> {
  const perToken = ["batch", "time"];
  const ids = input("ids", "int64", perToken);
  const mask = input("mask", "float32", perToken);
  const noting = notingBackbone(backbone);
  forward(noting.backbone, parameters, { ids, mask });
  return noting.after(blocks);
}

function disposeOnDevice(values: Iterable<Value>): void {
  for (const value of values) if (value.location !== "cpu") value.dispose();
}
