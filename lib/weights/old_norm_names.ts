import { readFloats, type WeightsFile } from "./weights_file.ts";

/** Checkpoints that were once TensorFlow's call a norm's factors and summands so, as transformers reads them. */
const oldNames: readonly (readonly [old: RegExp, name: string])[] = [
  [/\.gamma$/, ".weight"],
  [/\.beta$/, ".bias"],
];

/** The same weights, with the norms' parameters called as they are today. */
export function withNewNormNames(weights: WeightsFile): WeightsFile {
  const stored = new Map(
    [...weights.tensors.keys()].map((name) =>
      [oldNames.reduce((name, [old, now]) => name.replace(old, now), name), name] as const
    ),
  );
  const renamed: WeightsFile = {
    path: weights.path,
    tensors: new Map([...stored].map(([name, old]) => [name, weights.tensors.get(old)!])),
    read: (name) => weights.read(stored.get(name) ?? name),
    readFloat32: (name) => readFloats(renamed, name),
  };
  return renamed;
}
