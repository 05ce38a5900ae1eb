import fc from "fast-check";
import { constant } from "../../lib/graph/tensor.ts";
import type { Gpt2Config } from "../../lib/nn/gpt2_config.ts";
import type { Parameters } from "../../lib/nn/parameters.ts";
import { randomParameters } from "../tiny_models.ts";

/** Small configurations of every kind of size. */
export const configs: fc.Arbitrary<Gpt2Config> = fc.record({
  vocabulary: fc.integer({ min: 2, max: 30 }),
  positions: fc.integer({ min: 12, max: 16 }),
  heads: fc.integer({ min: 1, max: 3 }),
  size: fc.integer({ min: 2, max: 6 }),
  layers: fc.integer({ min: 1, max: 3 }),
  inner: fc.integer({ min: 3, max: 20 }),
  epsilon: fc.constantFrom(1e-5, 1e-3),
}).map(({ size, ...rest }) => ({
  ...rest,
  width: rest.heads * size,
  endOfText: rest.vocabulary - 1,
}));

/** Random parameters of a backbone, as constants of the graph. */
export function randomBackbone(config: Gpt2Config, seed: number): Parameters {
  const spec = { kind: "lm", config, bos: false } as const;
  const values = randomParameters(spec, seed);
  return (name, shape) => constant("float32", shape, values.get(name)!);
}

/** Texts of 1 … `longest` tokens. */
export const textsOf = (
  { vocabulary }: Gpt2Config,
  texts: { minLength?: number; maxLength?: number },
  longest = 6,
): fc.Arbitrary<number[][]> =>
  fc.array(
    fc.array(fc.nat({ max: vocabulary - 1 }), { minLength: 1, maxLength: longest }),
    { minLength: 1, maxLength: 4, ...texts },
  );
