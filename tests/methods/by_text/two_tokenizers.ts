import { join } from "node:path";
import { trainByteLevelBpe, writeTokenizer } from "../../../lib/data/byte_level_bpe.ts";
import { loadTokenizer, type Tokenizer } from "../../../lib/data/tokenizer.ts";
import { type BackboneSpec, modelSpecJson, shapesOf } from "../../../lib/methods/model_spec.ts";
import { gpt2Backbone } from "../../../lib/models/gpt2.ts";
import { writeModelFolder } from "../../../lib/weights/model_folder.ts";
import { randomParameters } from "../../tiny_models.ts";

const sentences = [
  "the film was good and the actors were warm, wasn't it?",
  "a dull film, the worst of all films.",
  "naïve café: 日本 and 한국 🙂 — what a filmmaker's film!",
];

/** Two tokenizers that make different tokens of the same texts. */
export const trainedTokenizers = {
  base: trainByteLevelBpe([...sentences, ...sentences], { vocabSize: 290 }),
  own: trainByteLevelBpe([...sentences.slice(0, 1), "filming goods 日本", ...sentences], {
    vocabSize: 330,
    minFrequency: 1,
  }),
};

export type Side = keyof typeof trainedTokenizers;

const backboneOf = (side: Side) =>
  gpt2Backbone({
    vocabulary: Object.keys(trainedTokenizers[side].model.vocab).length,
    // what the base model writes can be longer than what a reward model reads
    context: side === "base" ? 192 : 96,
    width: 16,
    layers: 2,
    heads: 2,
  });

const backbones = { base: backboneOf("base"), own: backboneOf("own") };

const labels = ["kind", "rude"];
const specs = {
  lm: (side: Side) => ({ kind: "lm", backbone: backbones[side], bos: true }),
  arm: (side: Side) => ({ kind: "arm", backbone: backbones[side], labels, baseline: true }),
  rad: (side: Side) => ({ kind: "rad", backbone: backbones[side], labels }),
  fudge: (side: Side) => ({ kind: "fudge", backbone: backbones[side], labels }),
  gedi: (side: Side) => ({
    kind: "gedi",
    backbone: backbones[side],
    labels: labels.slice(0, 1),
    codes: [70, 80],
  }),
  args: (side: Side) => ({ kind: "args", backbone: backbones[side], labels, fromPairs: true }),
  cd: (side: Side) => ({ kind: "cd", backbone: backbones[side], labels }),
  farma: (side: Side) => ({
    kind: "farma",
    backbone: backbones[side],
    labels: labels.slice(0, 1),
    fromPairs: true,
  }),
  genarm: (side: Side) => ({
    kind: "genarm",
    backbone: backbones[side],
    labels: labels.slice(0, 1),
    fromPairs: true,
  }),
} as const satisfies Record<string, (side: Side) => BackboneSpec>;

export type Kind = keyof typeof specs;

/** Writes a model of random weights with one of the tokenizers into a folder in `parent`. */
export async function writeModel(parent: string, kind: Kind, side: Side): Promise<string> {
  const spec = specs[kind](side);
  const path = join(parent, `${kind}-${side}`);
  await writeModelFolder(path, {
    config: modelSpecJson(spec),
    shapes: shapesOf(spec),
    values: randomParameters(spec, 3 * Object.keys(specs).indexOf(kind) + (side === "own" ? 1 : 0)),
  });
  await writeTokenizer(path, trainedTokenizers[side]);
  return path;
}

/** Writes and loads the tokenizers. */
export async function loadTrained(parent: string): Promise<Record<Side, Tokenizer>> {
  const load = async (side: Side) => {
    const path = join(parent, `tokenizer-${side}`);
    await writeTokenizer(path, trainedTokenizers[side]);
    return await loadTokenizer(path);
  };
  return { base: await load("base"), own: await load("own") };
}
