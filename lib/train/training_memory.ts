import { sizeText } from "../files/room.ts";
import { forManyRows } from "../graph/many_rows.ts";
import { workingMemory } from "../graph/working_memory.ts";
import { nodesBefore } from "../graph/op.ts";
import { type Dim, multiply } from "../graph/dim.ts";
import { bytesPerElement, type Tensor } from "../graph/tensor.ts";
import { next } from "../runtime/state.ts";
import { elementCount } from "../weights/safetensors_header.ts";
import type { Objective } from "./objective.ts";
import { outputsOf, type TrainerOptions } from "./trainer.ts";

/** What a run of training takes of memory, in bytes. */
export interface TrainingMemory {
  /** Parameters that train, of this step and of the next, and their moments, which each step overwrites. */
  readonly state: number;
  /** Frozen parameters, and what is copied of all of them to be written. */
  readonly weights: number;
  /** What a step computes on the way: activations and gradients; and what evaluation does. */
  readonly steps: number;
  /** What is kept of texts that a frozen model reads once. */
  readonly texts: number;
  /** Code, tokenizer and texts. */
  readonly rest: number;
  readonly total: number;
}

/** What a process of ours takes without a model, and its runtime beside tensors; measured. */
const rest = 2.1e8;

/**
 * What training takes of a processor's memory at most, before anything of it is loaded: within 12 % of what was taken by shapes from
 * 4 blocks of width 128 to GPT-2-Large and Llama-3.2-1B, whole, with adapters, and with activations recomputed. Weights that the
 * runtime maps from a file count once; the resident size of a process counts them once for each session that maps them.
 *
 * @param sizes rows and tokens a row of the largest batch, or of the largest part where gradients are accumulated.
 * @returns undefined if the objective's graph has other extents than these.
 */
export function trainingMemory(
  objective: Objective,
  options: TrainerOptions,
  sizes: { readonly batch: number; readonly time: number },
): TrainingMemory | undefined {
  const named = outputsOf(objective, options).map(forManyRows);
  const graphs = named.map((outputs) => Object.values(outputs));
  const dims = new Map(Object.entries(sizes));
  // each session keeps the memory that it once had
  let steps = 0;
  for (const outputs of named) {
    const ofState = Object.entries(outputs).filter(([name]) => name.startsWith(next("")));
    const inState = new Set(ofState.map(([, output]) => output));
    const working = workingMemory(Object.values(outputs), dims, inState);
    if (working === undefined) return undefined;
    steps += working;
  }
  const trained = bytesOf(objective, (name) => !objective.frozen.has(name));
  const frozen = bytesOf(objective, (name) => objective.frozen.has(name));
  // where gradients are accumulated, parameters are overwritten as well, and the sum takes the place of their second buffer
  const state = 4 * trained;
  // at the end each parameter is copied where it is written, one after the other, but for adapters, which are small
  const copied = options.stored ? trained : largestOf(objective);
  const weights = (options.stored ? 0 : frozen) + mappedBytes(graphs) + copied;
  return { state, weights, steps, texts: 0, rest, total: state + weights + steps + rest };
}

/** The same where so many bytes are kept of the texts. */
export function withTexts(memory: TrainingMemory, kept: number): TrainingMemory {
  return { ...memory, texts: memory.texts + kept, total: memory.total + kept };
}

/**
 * The same where a frozen model reads the texts.
 *
 * @param kept bytes of what is kept of the texts.
 * @param working bytes that reading takes, which are given back where it ends before training begins.
 */
export function withReading(
  memory: TrainingMemory,
  { kept, working, ends }: {
    readonly kept: number;
    readonly working: number;
    readonly ends: boolean;
  },
): TrainingMemory {
  const { state, steps, rest, texts } = memory;
  const weights = memory.weights + (ends ? 0 : working);
  const training = state + weights + steps;
  return {
    ...memory,
    weights,
    texts: texts + kept,
    total: Math.max(training, ends ? working : 0) + texts + kept + rest,
  };
}

/**
 * Refuses what a machine clearly cannot do.
 *
 * @param has bytes of memory of the machine.
 * @throws {Error} one sentence with both sizes.
 */
export function requireMemory({ total }: Pick<TrainingMemory, "total">, has: number): void {
  if (total <= has) return;
  throw new Error(
    `This training takes about ${sizeText(total)} of memory, and the machine has ${
      sizeText(has)
    }: train adapters with ` +
      "--lora (lora), keep fewer activations with --recompute (recompute), take batches in parts with --accumulation-steps (accumulationSteps), or use a smaller model.",
  );
}

/** What a person is told of it. */
export function memoryText({ total, state, weights, steps, texts }: TrainingMemory): string {
  const read = texts === 0 ? "" : `, ${sizeText(texts)} for what a frozen model makes of the texts`;
  return `Training takes about ${sizeText(total)} of memory: ${sizeText(weights)} for weights, ${
    sizeText(state)
  } for what trains and its moments, ${sizeText(steps)} for a step${read}.`;
}

/** The machine's memory in bytes; undefined where the program may not ask. */
export function machineMemory(): number | undefined {
  try {
    return Deno.systemMemoryInfo().total;
  } catch {
    return undefined;
  }
}

function bytesOf({ shapes }: Objective, counts: (name: string) => boolean): number {
  let bytes = 0;
  for (const [name, shape] of shapes) {
    if (counts(name)) bytes += 4 * elementCount(shape);
  }
  return bytes;
}

/** Bytes of the largest parameter. */
function largestOf({ shapes }: Objective): number {
  return 4 * Math.max(...[...shapes.values()].map(elementCount));
}

/**
 * Bytes that graphs take which are not trained: of the weights that they read from files, and of what they compute.
 *
 * @returns undefined if a shape has a name without a size.
 */
export function graphMemory(
  outputs: readonly Tensor[],
  sizes: ReadonlyMap<Dim, number>,
): number | undefined {
  const working = workingMemory(outputs, sizes);
  return working === undefined ? undefined : working + mappedBytes([outputs]);
}

/** Bytes of the weights that graphs read from files, and of what each session computes from these alone, as float32 of 16 bits. */
function mappedBytes(graphs: readonly (readonly Tensor[])[]): number {
  const weights = new Map<string, number>();
  let computed = 0;
  for (const outputs of graphs) {
    const fixed = new Set<Tensor>();
    const isFixed = (x: Tensor | undefined) =>
      x === undefined || x.source.kind === "weight" || x.source.kind === "constant" || fixed.has(x);
    const kept = new Set<Tensor>();
    for (const { inputs, outputs: results } of nodesBefore(...outputs)) {
      if (inputs.every(isFixed)) {
        for (const y of results) fixed.add(y);
      } else {
        for (const x of inputs) if (x && fixed.has(x)) kept.add(x);
      }
      for (const x of inputs) {
        if (x?.source.kind === "weight") weights.set(x.source.name, x.source.region.byteLength);
      }
    }
    for (const { dtype, shape } of kept) {
      computed += Number(multiply(...shape)) * bytesPerElement[dtype];
    }
  }
  if (weights.size === 0) return 0;
  return [...weights.values()].reduce((sum, each) => sum + each, computed);
}
