import { fromBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema, TensorProto_DataLocation } from "onnx-buf";
import type { BaseModel } from "../bases/base_model.ts";
import type { Guide } from "../decode/generate.ts";
import { defaultBeta, guidanceNames } from "../decode/guidance.ts";
import { guidedStepProgram, partNamesOf } from "../decode/guided_session.ts";
import type { Program } from "../graph/program.ts";
import type { Part } from "../inference/part.ts";
import { partNames } from "../inference/part_graph.ts";
import { withoutPart } from "../methods/without_part.ts";
import { next } from "../runtime/state.ts";

/** A base model and what steers it as one graph, and what a page has to know to run it. */
export interface SteeredGraph {
  readonly program: Program;
  /** The program by standard ops only. */
  readonly model: Uint8Array;
  readonly step: SteeredStep;
}

/** What `step.json` says of the graph: a step of one text. */
export interface SteeredStep {
  /**
   * The base model first, then what steers it: names of inputs, and what stands before a prompt. One that stands on the base
   * model's trunk reads no tokens, and without blocks of its own has no padding.
   */
  readonly parts: readonly {
    readonly ids?: string;
    readonly padding?: string;
    /** What is read before a prompt, and instead of one that is empty. */
    readonly begin: readonly number[];
    readonly empty: readonly number[];
  }[];
  /** What a step hands to the next, with its shape before the first. */
  readonly carried: readonly {
    readonly input: string;
    readonly output: string;
    readonly dims: readonly number[];
  }[];
  readonly guides: readonly {
    readonly name: string;
    readonly labels: readonly string[];
    readonly towards: FedStrengths;
    readonly away: FedStrengths;
    /** How it steers at first. */
    readonly label?: string;
    readonly beta: number;
    readonly inverse: boolean;
  }[];
  readonly topK: number;
  readonly ends: readonly number[];
  readonly vocabulary: number;
  /** The longest text, in tokens. */
  readonly context: number;
  /** Files of weights, relative to the graph's own. */
  readonly weights: readonly string[];
}

interface FedStrengths {
  readonly input: string;
  readonly dims: readonly number[];
}

/**
 * The graph of a guided step by standard ops only, whose caches come back longer from each step.
 *
 * @param names what the page calls the guides.
 * @throws {TypeError} if the base model is seen through its logits only, or a guide reads every candidate.
 */
export function steeredGraph(
  base: BaseModel,
  guides: readonly Guide[],
  names: readonly string[],
  topK: number,
): SteeredGraph {
  if (!base.graph) {
    throw new TypeError(
      "exportSteered: the base model is no folder of ours, so that it cannot be a part of one graph: give its weights as safetensors.",
    );
  }
  const raters = guides.map(({ model }) => {
    const { part, kind } = model;
    if (part) return part;
    throw new TypeError(
      `exportSteered: a model of the kind '${kind}' ${
        withoutPart(model)
      }, and is no part of one graph: use one that rates all candidates in one pass, distilled from it.`,
    );
  });
  const shape = {
    base: base.graph.part,
    raters,
    guides: guides.map(({ model: { rule, labels } }) => ({
      rule,
      labels: labels.length,
      filters: false,
    })),
    wholeVocabulary: false,
    baseNucleus: false,
    cuts: { topP: false, minP: false },
    penalizes: false,
    loops: false,
  };
  const program = guidedStepProgram(shape, { settled: false, fresh: true });
  const parts: readonly Part[] = [shape.base, ...raters];
  const partsNamed = partNamesOf(shape).map((name, i) => ({ name, part: parts[i] }));
  const first = (input: string) => dimsOf(program, input);
  const known = (input: string) => program.inputs.has(input) ? input : undefined;
  const model = program.portable();
  return {
    program,
    model,
    step: {
      parts: partsNamed.map(({ name, part }) => ({
        ids: known(partNames.ids(name)),
        padding: known(partNames.padding(name)),
        begin: part.begin([0]).slice(0, -1),
        empty: part.begin([]),
      })),
      carried: partsNamed.flatMap(({ name, part }) => [
        ...partNames.fresh(name, part.caches.length),
        ...part.running.map((running) => partNames.running(name, running.name)),
      ]).map((input) => ({ input, output: next(input), dims: first(input) })),
      guides: guides.map(({ model, steering: [way] }, i) => ({
        name: names[i],
        labels: model.labels,
        towards: { input: guidanceNames.towards(i), dims: first(guidanceNames.towards(i)) },
        away: { input: guidanceNames.away(i), dims: first(guidanceNames.away(i)) },
        label: way?.label,
        beta: way?.beta ?? defaultBeta,
        inverse: way?.inverse ?? false,
      })),
      topK,
      ends: base.ends,
      vocabulary: base.vocabulary,
      context: Math.min(...parts.map(({ context }) => context)),
      weights: weightFiles(model),
    },
  };
}

/** The shape of an input before the first step of one text: a batch of one, and nothing read. */
function dimsOf({ inputs }: Program, name: string): number[] {
  return inputs.get(name)!.shape.map((dim) =>
    typeof dim === "number" ? dim : dim === "batch" ? 1 : 0
  );
}

/** The files that a graph takes weights from, relative to its own. */
function weightFiles(model: Uint8Array): string[] {
  const { graph } = fromBinary(ModelProtoSchema, model);
  const locations = graph!.initializer
    .filter(({ dataLocation }) => dataLocation === TensorProto_DataLocation.EXTERNAL)
    .flatMap(({ externalData }) => externalData.filter(({ key }) => key === "location"));
  return [...new Set(locations.map(({ value }) => value))];
}
