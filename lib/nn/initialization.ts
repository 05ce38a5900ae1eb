import type { Random } from "../random.ts";
import type { ParameterShapes } from "./parameters.ts";

/**
 * Fresh parameters as GPT-2's (Radford et al., 2019): N(0, 0.02²), layer norms 1, biases 0, and the output
 * projection of every block's two branches scaled by 1/√(2 · layers).
 *
 * @param layers blocks of the backbone.
 */
export function initialize(
  shapes: ParameterShapes,
  layers: number,
  random: Random,
): Map<string, Float32Array> {
  const residual = 1 / Math.sqrt(2 * layers);
  return new Map([...shapes].map(([name, shape]) => {
    const values = new Float32Array(shape.reduce((product, extent) => product * extent, 1));
    const isNorm = /(^|\.)ln_\w+\.weight$/.test(name);
    if (isNorm) return [name, values.fill(1)];
    if (name.endsWith(".bias")) return [name, values];
    const deviation = 0.02 * (name.endsWith("c_proj.weight") ? residual : 1);
    for (let i = 0; i < values.length; i++) values[i] = deviation * random.normal();
    return [name, values];
  }));
}
