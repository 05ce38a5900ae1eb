import { quantizedHead } from "../models/language_model_head.ts";
import { backboneShapesOf, type BackboneSpec, shapesOf } from "./model_spec.ts";
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

/** What a parameter of a head is part of, by its name. One of a new head is one more line. */
const headParts: readonly (readonly [parameter: RegExp, part: string])[] = [
  [/^head\.prefix_baseline\./, "head: baseline w of each label"],
  [/^head\.lm_projection\./, "head: marginal W of each label"],
  [/^lm_head\./, "head: one linear unit a label"],
  [/^(logit_scale|bias)$/, "head: scale and biases of the classes"],
];

/** The parts of a model, from the embeddings to the head. */
export function modelParts(spec: BackboneSpec): readonly ModelPart[] {
  const backbone = backboneShapesOf(spec);
  const parts = new Map<string, Map<string, readonly number[]>>();
  for (const [name, shape] of shapesOf(spec)) {
    const part = backbone.has(name)
      ? spec.backbone.partOf(name)
      : headParts.find(([parameter]) => parameter.test(name))?.[1] ?? name;
    const parameters = parts.get(part) ?? new Map<string, readonly number[]>();
    parts.set(part, parameters.set(name, shape));
  }
  const { blocks: { length: layers }, width, vocabulary } = spec.backbone;
  const listed: ModelPart[] = [...parts].map(([name, parameters]) => ({
    name: name === "blocks" ? `${layers} ${layers === 1 ? "block" : "blocks"}` : name,
    parameters,
    frozen: isFrozen(spec) && parameters.has(spec.backbone.outputEmbedding),
    copied: false,
  }));
  if (spec.kind !== "lm") return listed;
  const copy = new Map([[quantizedHead, [width, vocabulary]]]);
  const name = "head: the token embeddings in few bits";
  return [...listed, { name, parameters: copy, frozen: false, copied: true }];
}

/** Whether a reward model's output embeddings are the base's. */
function isFrozen(spec: BackboneSpec): boolean {
  if (spec.kind === "lm") return false;
  return !("trainedEmbeddings" in spec && spec.trainedEmbeddings);
}
