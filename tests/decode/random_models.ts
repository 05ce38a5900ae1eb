import type { Backbone } from "../../lib/models/backbone.ts";
import { type BackboneSpec, modelSpecJson, shapesOf } from "../../lib/methods/model_spec.ts";
import { Random } from "../../lib/random.ts";
import { writeModelFolder } from "../../lib/weights/model_folder.ts";

/** Models of several kinds with one backbone. */
export const specsOf = (backbone: Backbone) =>
  ({
    base: { kind: "lm", backbone, bos: true },
    arm: { kind: "arm", backbone, labels: ["kind", "calm"], baseline: true },
    rad: { kind: "rad", backbone, labels: ["kind"] },
    gedi: { kind: "gedi", backbone, labels: ["kind"], codes: [3, 5] },
  }) as const satisfies Record<string, BackboneSpec>;

/** Writes a model with random weights, large enough that tokens differ well. */
export async function writeRandomModel(
  path: string,
  spec: BackboneSpec,
  seed: number,
): Promise<string> {
  const random = new Random(seed, "architecture");
  const shapes = shapesOf(spec);
  const values = new Map([...shapes].map(([name, shape]) => {
    const isNorm = /norm.*\.weight$|^logit_scale$/.test(name);
    const mean = isNorm ? 1 : 0;
    const size = shape.reduce((product, extent) => product * extent, 1);
    return [name, Float32Array.from({ length: size }, () => mean + 0.3 * random.normal())];
  }));
  await writeModelFolder(path, { config: modelSpecJson(spec), shapes, values });
  return path;
}
