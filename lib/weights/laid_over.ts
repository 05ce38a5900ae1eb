import type { TensorEntry } from "./safetensors_header.ts";
import { readFloats, type WeightsFile } from "./weights_file.ts";

/** The weights of a model with those of another file in place of its own that are called so, or beside them. */
export function laidOver(base: WeightsFile, weights: WeightsFile): WeightsFile {
  const replaced = new Set<string>();
  for (const name of weights.tensors.keys()) {
    for (const stored of base.tensors.keys()) if (isSame(stored, name)) replaced.add(stored);
  }
  const of = new Map<string, WeightsFile>([
    ...[...base.tensors.keys()].filter((name) => !replaced.has(name)).map((name) =>
      [name, base] as const
    ),
    ...[...weights.tensors.keys()].map((name) => [name, weights] as const),
  ]);
  const both: WeightsFile = {
    path: weights.path,
    tensors: new Map(
      [...of].map(([name, file]): [string, TensorEntry] => {
        const entry = file.tensors.get(name)!;
        return [name, { ...entry, path: entry.path ?? file.path }];
      }),
    ),
    read: async (name) => await (of.get(name) ?? base).read(name),
    readFloat32: (name) => readFloats(both, name),
  };
  return both;
}

/** Whether two names are of one parameter, one of them with the name of the module that holds its model. */
function isSame(stored: string, saved: string): boolean {
  return stored === saved || saved.endsWith(`.${stored}`) ||
    saved.includes(".") && stored.endsWith(`.${saved}`);
}
