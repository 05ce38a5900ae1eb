import type { Backbone } from "../models/backbone.ts";
import { quantizedHead } from "../models/language_model_head.ts";
import type { ParameterShapes } from "../models/parameters.ts";

/** Parameters of a model that belong together. */
export interface ModelPart {
  readonly name: string;
  readonly parameters: ParameterShapes;
  /** Whether it is as the language model has it: training a reward model leaves it alone. */
  readonly frozen: boolean;
  /** Whether its values are those of another part, stored once more; then it may also be absent. */
  readonly copied: boolean;
}

/** A backbone, and what stands on it. */
export interface Assembly {
  readonly backbone: Backbone;
  /** All parameters, those of the head after the backbone's. */
  readonly shapes: ParameterShapes;
  /** What a parameter of the head is part of, for people. */
  readonly headPartOf: (name: string) => string;
  /** Parameters that are as the language model has them. */
  readonly frozen: ReadonlySet<string>;
}

/** The parts of a model, from the embeddings to the head. */
export function partsOf({ backbone, shapes, headPartOf, frozen }: Assembly): ModelPart[] {
  const parts = new Map<string, Map<string, readonly number[]>>();
  for (const [name, shape] of shapes) {
    const part = backbone.shapes.has(name) ? backbone.partOf(name) : headPartOf(name);
    const parameters = parts.get(part) ?? new Map<string, readonly number[]>();
    parts.set(part, parameters.set(name, shape));
  }
  const { length: layers } = backbone.blocks;
  return [...parts].map(([name, parameters]) => ({
    name: name === "blocks" ? `${layers} ${layers === 1 ? "block" : "blocks"}` : name,
    parameters,
    frozen: [...parameters.keys()].some((parameter) => frozen.has(parameter)),
    copied: false,
  }));
}

/** The parts of a language model: its backbone's, and its head where that is stored once more in few bits. */
export function languageModelParts(backbone: Backbone): ModelPart[] {
  const { shapes, width, vocabulary } = backbone;
  const parts = partsOf({ backbone, shapes, headPartOf: (name) => name, frozen: new Set() });
  const copy = new Map([[quantizedHead, [width, vocabulary]]]);
  const name = "head: the token embeddings in few bits";
  return [...parts, { name, parameters: copy, frozen: false, copied: true }];
}
