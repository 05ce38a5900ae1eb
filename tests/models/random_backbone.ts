import fc from "fast-check";
import { constant } from "../../lib/graph/tensor.ts";
import type { Backbone } from "../../lib/models/backbone.ts";
import { gpt2Backbone } from "../../lib/models/gpt2.ts";
import type { Parameters } from "../../lib/models/parameters.ts";
import { randomParameters } from "../tiny_models.ts";

/** Small backbones of every kind of size. */
export const backbones: fc.Arbitrary<Backbone> = fc.record({
  vocabulary: fc.integer({ min: 2, max: 30 }),
  context: fc.integer({ min: 12, max: 16 }),
  heads: fc.integer({ min: 1, max: 3 }),
  size: fc.integer({ min: 2, max: 6 }),
  layers: fc.integer({ min: 1, max: 3 }),
  inner: fc.integer({ min: 3, max: 20 }),
  epsilon: fc.constantFrom(1e-5, 1e-3),
}).map(({ size, ...rest }) => gpt2Backbone({ ...rest, width: rest.heads * size }));

/** Random parameters of a backbone, as constants of the graph. */
export function randomParametersOf(backbone: Backbone, seed: number): Parameters {
  const spec = { kind: "lm", backbone, bos: false } as const;
  const values = randomParameters(spec, seed);
  return (name, shape) => constant("float32", shape, values.get(name)!);
}

/** Texts of 1 … `longest` tokens. */
export const textsOf = (
  { vocabulary }: Backbone,
  texts: { minLength?: number; maxLength?: number },
  longest = 6,
): fc.Arbitrary<number[][]> =>
  fc.array(
    fc.array(fc.nat({ max: vocabulary - 1 }), { minLength: 1, maxLength: longest }),
    { minLength: 1, maxLength: 4, ...texts },
  );
