import { join } from "node:path";
import type { Backbone } from "../lib/models/backbone.ts";
import { gpt2Backbone } from "../lib/models/gpt2.ts";
import { type BackboneSpec, modelSpecJson, shapesOf } from "../lib/methods/model_spec.ts";
import { Random } from "../lib/random.ts";
import { writeModelFolder } from "../lib/weights/model_folder.ts";

export const tinySizes = { vocabulary: 61, context: 24, width: 16, layers: 2, heads: 2 };

export const tinyBackbone: Backbone = gpt2Backbone(tinySizes);

/** Models of every kind. Their weights are large, so that logits and rewards differ well from token to token. */
export const tinySpecs = {
  /** Reads prompts as they are, as Hugging Face's GPT-2 does. */
  lm: { kind: "lm", backbone: tinyBackbone, bos: false },
  /** Reads BOS before a text. */
  bosLm: { kind: "lm", backbone: tinyBackbone, bos: true },
  arm: { kind: "arm", backbone: tinyBackbone, labels: ["kind", "calm", "brief"], baseline: true },
  armWithoutBaseline: { kind: "arm", backbone: tinyBackbone, labels: ["kind"], baseline: false },
  rad: { kind: "rad", backbone: tinyBackbone, labels: ["kind", "rude"] },
  fudge: { kind: "fudge", backbone: tinyBackbone, labels: ["kind", "rude"] },
  rectification: {
    kind: "rectification",
    backbone: tinyBackbone,
    labels: ["kind", "calm"],
    baseline: true,
  },
  pplm: { kind: "pplm", backbone: tinyBackbone, labels: ["kind"] },
  gedi: { kind: "gedi", backbone: tinyBackbone, labels: ["kind"], codes: [7, 19] },
  genarm: { kind: "genarm", backbone: tinyBackbone, labels: ["kind"], fromPairs: true },
  farma: { kind: "farma", backbone: tinyBackbone, labels: ["kind"], fromPairs: true },
  args: { kind: "args", backbone: tinyBackbone, labels: ["kind"], fromPairs: true },
  cd: { kind: "cd", backbone: tinyBackbone, labels: ["kind", "rude"] },
} as const satisfies Record<string, BackboneSpec>;

export type TinyModel = keyof typeof tinySpecs;

/** Random parameters of a model. The language models often end their texts. */
export function randomParameters(spec: BackboneSpec, seed: number): Map<string, Float32Array> {
  const random = new Random(seed, "tiny model");
  const values = new Map([...shapesOf(spec)].map(([name, shape]) => {
    const size = shape.reduce((product, extent) => product * extent, 1);
    const isOne = /ln_\w+\.weight$/.test(name) || name === "logit_scale";
    const centre = isOne ? 1 : name === "lm_head.bias" ? 0.5 : 0;
    const scale = name.startsWith("head.lm_projection") ? 0.15 : 0.4;
    return [name, Float32Array.from({ length: size }, () => centre + scale * random.normal())];
  }));
  const { width, endOfText } = spec.backbone;
  const bias = values.get("ln_f.bias")!;
  const embedding = values.get("wte.weight")!;
  for (let i = 0; i < width; i++) bias[i] += 1.5 * embedding[endOfText * width + i];
  return values;
}

/** Writes one of the models into a folder of its name in `parent`, and gives the folder's path. */
export async function writeTinyModel(
  parent: string,
  name: TinyModel,
  seed: number = Object.keys(tinySpecs).indexOf(name),
): Promise<string> {
  const spec = tinySpecs[name];
  const path = join(parent, name);
  await writeModelFolder(path, {
    config: modelSpecJson(spec),
    shapes: shapesOf(spec),
    values: randomParameters(spec, seed),
  });
  return path;
}
