import type { Dim } from "../graph/dim.ts";
import { input, type Tensor } from "../graph/tensor.ts";
import type { LayerCache } from "../models/backbone.ts";
import { next } from "../runtime/state.ts";
import type { Part, StepInputs, StepState } from "./part.ts";

type Float = Tensor<"float32">;

/**
 * What was read before, as a graph's inputs. `settled`: buffers that are written in place between runs, for memory.
 * `fresh`: tensors that come back longer, for a GPU, and within a loop.
 */
export interface PastInputs {
  readonly settled: boolean;
  readonly fresh: boolean;
  /** Whether each row has settled columns of its own number, because rows come and go. Default false. */
  readonly perRow?: boolean;
}

const sides = ["key", "value"] as const;

/** Names of the inputs of a part that is called `part` in its graph. */
export const partNames = {
  ids: (part: string) => `${part}.ids`,
  padding: (part: string) => `${part}.padding`,
  length: (part: string) => `${part}.length`,
  running: (part: string, name: string) => `${part}.running.${name}`,
  settled: (part: string, count: number) => cacheNames(part, "settled", count),
  fresh: (part: string, count: number) => cacheNames(part, "fresh", count),
};

function cacheNames(part: string, stretch: string, count: number): string[] {
  return Array.from(
    { length: count },
    (_, i) => sides.map((side) => `${part}.${stretch}.${i}.${side}`),
  )
    .flat();
}

/** The inputs of a part's step, read `[batch, time]` tokens at a time. */
export function partInputs(
  { caches, running }: Part,
  part: string,
  { settled, fresh, perRow = false }: PastInputs,
): StepInputs {
  const batch = "batch";
  const layers = (names: readonly string[], columns: Dim): LayerCache[] =>
    caches.map(({ heads, size }, i) => {
      const [key, value] = names.slice(2 * i).map((name) =>
        input(name, "float32", [batch, heads, columns, size])
      );
      return { key, value };
    });
  return {
    ids: input(partNames.ids(part), "int64", [batch, `${part}.time`]),
    past: {
      settled: settled
        ? {
          layers: layers(partNames.settled(part, caches.length), `${part}.room`),
          length: input(partNames.length(part), "int64", [perRow ? batch : 1]),
        }
        : undefined,
      fresh: fresh ? layers(partNames.fresh(part, caches.length), `${part}.fresh`) : undefined,
      padding: input(partNames.padding(part), "int64", [batch]),
    },
    running: Object.fromEntries(
      running.map(({ name, shape }) => [
        name,
        input(partNames.running(part, name), "float32", [batch, ...shape]),
      ]),
    ),
  };
}

/** What a part carries on, as a graph's outputs. */
export function partOutputs(part: string, { fresh, running }: StepState): Record<string, Float> {
  const names = partNames.fresh(part, fresh.length);
  const outputs: Record<string, Float> = {};
  fresh.forEach(({ key, value }, i) => {
    outputs[next(names[2 * i])] = key;
    outputs[next(names[2 * i + 1])] = value;
  });
  for (const [name, tensor] of Object.entries(running)) {
    outputs[next(partNames.running(part, name))] = tensor;
  }
  return outputs;
}

/** The caches among those outputs, to be kept on the device. */
export function cacheOutputNames({ caches }: Part, part: string): string[] {
  return partNames.fresh(part, caches.length).map(next);
}
