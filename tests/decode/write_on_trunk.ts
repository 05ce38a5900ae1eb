import { modelSpecJson } from "../../lib/methods/model_spec.ts";
import type { HeadedSpec } from "../../lib/methods/model_spec.ts";
import { headedModel, shapesOf } from "../../lib/methods/model_spec.ts";
import { trunkReference } from "../../lib/methods/trunk_plan.ts";
import { trunkParameters } from "../../lib/models/trunk.ts";
import { Random } from "../../lib/random.ts";
import { openInitialModel } from "../../lib/train/initial_model.ts";
import { writeModelFolder } from "../../lib/weights/model_folder.ts";

/** Writes a reward model with random weights that shares the first blocks of a base model. */
export async function writeOnTrunk(
  path: string,
  spec: HeadedSpec,
  base: string,
  blocks: number,
): Promise<string> {
  await Deno.mkdir(path, { recursive: true });
  const initial = await openInitialModel(base);
  const trunk = await trunkReference(initial, blocks, path);
  const { above } = trunkParameters(spec.backbone, blocks);
  const own = new Set([...above.keys(), ...headedModel(spec).head.shapes.keys()]);
  const shapes = new Map([...shapesOf(spec)].filter(([name]) => own.has(name)));
  const random = new Random(7, "on a trunk");
  const values = new Map([...shapes].map(([name, shape]) => {
    const mean = /norm.*\.weight$|ln_\w+\.weight$/.test(name) ? 1 : 0;
    const size = shape.reduce((product, extent) => product * extent, 1);
    return [name, Float32Array.from({ length: size }, () => mean + 0.3 * random.normal())];
  }));
  const bos = initial.bos ? {} : { bos: false as const };
  await writeModelFolder(path, {
    config: modelSpecJson({ ...spec, trunk, ...bos }),
    shapes,
    values,
  });
  return path;
}
