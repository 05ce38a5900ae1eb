import { sizeText } from "../files/room.ts";
import type { Backbone } from "../models/backbone.ts";
import type { MediaBundle } from "../notebook/display.ts";
import { tableLook } from "../notebook/table_look.ts";
import { type ModelFolder, storedTensor } from "../weights/model_folder.ts";
import { offsetsOf, scalesOf } from "../weights/quantization.ts";
import type { ModelPart } from "./model_parts.ts";

/** A backbone with its head, and the folder that its weights are in. */
export interface StoredModel {
  readonly backbone: Backbone;
  readonly parts: readonly ModelPart[];
  readonly folder: ModelFolder;
  /** What it is called where there are several. */
  readonly role?: string;
}

/** Something known of a model: its name and value. */
export type Fact = readonly [name: string, value: string];

/** The longest text that a model reads, as one of its facts. */
export function longestTextFact({ longestText }: { readonly longestText: number }): Fact {
  const isKnown = Number.isFinite(longestText);
  return ["longest text", isKnown ? `${longestText.toLocaleString("en-US")} tokens` : "not known"];
}

/**
 * What a notebook shows of a model: what is known of it, its sizes, and a table of its parts.
 *
 * @param facts what is known beside the sizes.
 * @param models one, or several that work together.
 */
export function modelLook(
  title: string,
  facts: readonly Fact[],
  models: readonly StoredModel[],
): MediaBundle {
  const parts = models.flatMap((model) => partsIn(model));
  const sum = (of: (part: StoredPart) => number) => parts.reduce((sum, part) => sum + of(part), 0);
  return tableLook({
    title,
    facts: [...facts, ...models.flatMap(sizeFacts)],
    columns: [
      { name: "part" },
      { name: "shape" },
      { name: "parameters", isNumber: true },
      { name: "on disk", isNumber: true },
      { name: "stored as" },
    ],
    rows: parts.map(({ name, shape, parameters, bytes, dtype }) => [
      name,
      shape,
      parameters.toLocaleString("en-US"),
      sizeText(bytes),
      dtype,
    ]),
    total: [
      "total",
      "",
      sum(({ parameters }) => parameters).toLocaleString("en-US"),
      sizeText(sum(({ bytes }) => bytes)),
      "",
    ],
  });
}

function sizeFacts({ backbone, folder, role }: StoredModel): Fact[] {
  const { blocks, width, context, vocabulary } = backbone;
  const { length: layers, 0: { heads } } = blocks;
  const of = role === undefined ? "" : ` of the ${role}`;
  return [
    [
      `sizes${of}`,
      `${layers} ${layers === 1 ? "layer" : "layers"} of width ${width} with ${heads} heads, ` +
      `${context} positions, vocabulary ${vocabulary.toLocaleString("en-US")}`,
    ],
    [`folder${of}`, folder.path],
  ];
}

/** A part as a row of the table. */
interface StoredPart {
  readonly name: string;
  readonly shape: string;
  readonly parameters: number;
  readonly bytes: number;
  readonly dtype: string;
}

function partsIn({ parts, folder, role }: StoredModel): StoredPart[] {
  const isStored = (name: string) => storedTensor(folder.weights, name) !== undefined;
  return parts
    .filter(({ parameters, copied }) => !copied || [...parameters.keys()].every(isStored))
    .map((part) => ({
      name: [role && `${role}: `, part.name, part.frozen && " (frozen)"].filter(Boolean).join(""),
      shape: shapeText(part),
      parameters: part.copied ? 0 : parameterCount(part),
      ...storageOf(part, folder),
    }));
}

function parameterCount({ parameters }: ModelPart): number {
  const sizes = [...parameters.values()].map((shape) => shape.reduce((a, b) => a * b, 1));
  return sizes.reduce((a, b) => a + b, 0);
}

/** The shapes of a few tensors, or how many there are. */
function shapeText({ parameters }: ModelPart): string {
  const shapes = [...parameters.values()].map((shape) => `[${shape.join(", ")}]`);
  return shapes.length <= 2 ? shapes.join(", ") : `${shapes.length} tensors`;
}

const elementNames: Readonly<Record<string, string>> = {
  F32: "float32",
  F16: "float16",
  BF16: "bfloat16",
  F64: "float64",
};

function storageOf(
  { parameters }: ModelPart,
  { weights, quantization }: ModelFolder,
): { bytes: number; dtype: string } {
  const dtypes = new Set<string>();
  let bytes = 0;
  for (const name of parameters.keys()) {
    const { dtype, byteLength } = storedTensor(weights, name)!;
    const scales = quantization && storedTensor(weights, scalesOf(name));
    const offsets = quantization && storedTensor(weights, offsetsOf(name));
    bytes += byteLength + (scales?.byteLength ?? 0) + (offsets?.byteLength ?? 0);
    dtypes.add(
      scales === undefined
        ? elementNames[dtype] ?? dtype
        : quantization!.mixed
        ? "8 and 4 bits"
        : `${quantization!.bits} bits in blocks of ${quantization!.block}`,
    );
  }
  return { bytes, dtype: [...dtypes].join(", ") };
}
