import type { Random } from "../random.ts";
import type { Fill } from "./backbone.ts";
import type { ParameterShapes } from "./parameters.ts";

/** Fresh parameters, each drawn as `fill` says of its name. */
export function initialize(
  shapes: ParameterShapes,
  fill: (name: string) => Fill,
  random: Random,
): Map<string, Float32Array> {
  return new Map([...shapes].map(([name, shape]) => {
    const values = new Float32Array(shape.reduce((product, extent) => product * extent, 1));
    const { mean, deviation } = fill(name);
    if (deviation === 0) return [name, values.fill(mean)];
    for (let i = 0; i < values.length; i++) values[i] = mean + deviation * random.normal();
    return [name, values];
  }));
}

/** As Hugging Face initializes most models: N(0, 0.02²), biases 0, and the factors of norms as `norm` says. */
export function usualFill(name: string, norm = 1): Fill {
  return /norm\.weight$/.test(name) ? { mean: norm, deviation: 0 } : headFill(name);
}

/** Fresh heads as GPT-2's layers: N(0, 0.02²), biases 0. */
export function headFill(name: string): Fill {
  return { mean: 0, deviation: name.endsWith(".bias") ? 0 : 0.02 };
}

/** Parameters that begin at 0. */
export function zeroFill(): Fill {
  return { mean: 0, deviation: 0 };
}
