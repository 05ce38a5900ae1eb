import { multiply } from "../graph/dim.ts";
import { reshape } from "../graph/ops/mod.ts";
import { compile } from "../graph/program.ts";
import { input } from "../graph/tensor.ts";
import type { Backbone } from "../models/backbone.ts";
import { forward } from "../models/forward.ts";
import type { Parameters, ParameterShapes } from "../models/parameters.ts";
import { Progress } from "../progress.ts";
import { Random } from "../random.ts";
import type { Device } from "../runtime/device.ts";
import { Session } from "../runtime/session.ts";
import { read } from "../runtime/transfer.ts";
import { floats } from "../runtime/value.ts";
import type { Example, Objective, Part } from "./objective.ts";

/** The hidden states of a text that a frozen backbone gives what an objective reads of it, `[places, d]`. */
export type States = ReadonlyMap<Example, Float32Array>;

const perToken = ["batch", "time"];

/** The same backbone where its hidden states are fed, `[batch·time, d]`, and not computed. */
export function fedStates(backbone: Backbone): Backbone {
  return {
    ...backbone,
    hidden: (_parameters, ids) => {
      const [batch, time] = ids.shape;
      return reshape(input("states", "float32", [batch, time, backbone.width]), [
        multiply(batch, time),
        backbone.width,
      ]);
    },
  };
}

/**
 * The same objective where hidden states are fed and the head alone trains. Losses and gradients of the head are those of the
 * whole graph.
 *
 * @param objective of the backbone whose states are fed, from {@linkcode fedStates}.
 * @param head the head's parameters.
 */
export function stateObjective(
  objective: Objective,
  { backbone, head, states }: {
    readonly backbone: Backbone;
    readonly head: ParameterShapes;
    readonly states: States;
  },
): Objective {
  const { outputEmbedding, width } = backbone;
  const embedding = [...objective.shapes].filter(([name]) => name === outputEmbedding);
  return {
    ...objective,
    shapes: new Map([...embedding, ...head]),
    frozen: new Set(embedding.map(([name]) => name)),
    async feeds(part) {
      const { ids, mask: _, ...feeds } = await objective.feeds(part);
      const [batch, time] = ids.dims;
      const rows = new Float32Array(batch * time * width);
      // the place after a text's last, which is read in batches of longer texts, counts in none of the losses
      part.examples.forEach((example, i) =>
        rows.set(states.get(example)!.subarray(0, time * width), i * time * width)
      );
      return { ...feeds, states: floats([batch, time, width], rows) };
    },
  };
}

/** Texts that are read at once. */
const textsAtOnce = 32;

/**
 * Reads every text once, those of a length together.
 *
 * @param parameters of the backbone, where they are stored.
 */
export async function readStates(
  objective: Objective,
  examples: readonly Example[],
  { backbone, parameters, device }: {
    readonly backbone: Backbone;
    readonly parameters: Parameters;
    readonly device: Device;
  },
): Promise<States> {
  const given = {
    ids: input("ids", "int64", perToken),
    mask: input("mask", "float32", perToken),
  };
  const { hidden } = forward(backbone, parameters, given);
  await using session = await Session.open(compile({ hidden }), device);
  const states = new Map<Example, Float32Array>();
  const sorted = examples.filter(({ ids }) => ids.length > 0)
    .sort((a, b) => a.ids.length - b.ids.length);
  for (const example of examples) states.set(example, new Float32Array(0));
  const progress = new Progress({ label: "Reading", total: sorted.length, unit: "texts" });
  for (let start = 0; start < sorted.length; start += textsAtOnce) {
    progress.update(start);
    const batch = sorted.slice(start, start + textsAtOnce);
    const part: Part = {
      examples: batch,
      rows: batch.length,
      tokens: batch.reduce((sum, { ids }) => sum + ids.length, 0),
      random: new Random(0, "states"),
    };
    const { ids, mask } = await objective.feeds(part);
    const values = await read((await session.run({ ids, mask })).hidden, "float32", device);
    const time = ids.dims[1];
    const seen = mask.data as Float32Array;
    batch.forEach((example, i) => {
      const places = seen.subarray(i * time, (i + 1) * time).reduce((sum, one) => sum + one, 0);
      const from = i * time * backbone.width;
      states.set(example, values.slice(from, from + places * backbone.width));
    });
  }
  progress.done();
  return states;
}
