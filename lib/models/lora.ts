import type { Random } from "../random.ts";
import type { Backbone, Matrix } from "./backbone.ts";
import type { LoraMatrices, Parameters, ParameterShapes } from "./parameters.ts";

/** Low-rank adaptation (Hu et al., 2022): a frozen matrix W is used as W + scale·B A, of which only A and B train. */
export interface Lora {
  /** r, the rows of A and columns of B. */
  readonly rank: number;
  /** α, by which B A is multiplied, over r. */
  readonly alpha: number;
  /** The linear layers that are adapted, by their names or the ends of their names; undefined for all of the blocks. */
  readonly targetModules?: readonly string[];
  /** Whether α is divided by √r in place of r (Kalajdzievski, 2023). */
  readonly rslora: boolean;
}

/** What B A is multiplied by. */
export function loraScale({ rank, alpha, rslora }: Omit<Lora, "targetModules">): number {
  return alpha / (rslora ? Math.sqrt(rank) : rank);
}

/** The names of A and B of a matrix, as PEFT has them within a model: `….c_attn.weight` → `….c_attn.lora_A.weight`. */
export function loraNames(matrix: string): { down: string; up: string } {
  const module = matrix.replace(/\.weight$/, "");
  return { down: `${module}.lora_A.weight`, up: `${module}.lora_B.weight` };
}

/**
 * The matrices of a backbone that are adapted.
 *
 * @throws {RangeError} if a name in `targetModules` is that of no linear layer.
 */
export function adaptedMatrices(
  { matrices, title }: Backbone,
  { targetModules }: Pick<Lora, "targetModules">,
): readonly Matrix[] {
  if (targetModules === undefined) return matrices;
  const isCalled = ({ name }: Matrix, target: string) =>
    `.${name}`.endsWith(`.${target.replace(/\.weight$/, "")}.weight`);
  const unknown = targetModules.find((target) => !matrices.some((each) => isCalled(each, target)));
  if (unknown !== undefined) {
    throw new RangeError(
      `LoRA cannot adapt '${unknown}', as ${title} has no linear layer of that name: choose among ${
        moduleNames(matrices).join(", ")
      }`,
    );
  }
  return matrices.filter((each) => targetModules.some((target) => isCalled(each, target)));
}

/** The last names of the modules of matrices, each once: `c_attn`, `c_proj`, … */
export function moduleNames(matrices: readonly Matrix[]): string[] {
  return [...new Set(matrices.map(({ name }) => name.split(".").at(-2)!))];
}

/** Name → shape of the adapters of matrices: of each A, then B. */
export function adapterShapes(
  shapes: ParameterShapes,
  matrices: readonly Matrix[],
  { rank }: Pick<Lora, "rank">,
): ParameterShapes {
  return new Map(matrices.flatMap(({ name, transposed }) => {
    const [rows, columns] = shapes.get(name)!;
    const { down, up } = loraNames(name);
    const [inner, outer] = transposed ? [columns, rows] : [rows, columns];
    return [[down, [rank, inner]], [up, [outer, rank]]] as const;
  }));
}

/** Fresh adapters as PEFT's: A uniform within ±1/√inner (Kaiming's with a = √5), B zeros, so that nothing is changed yet. */
export function initialAdapters(
  shapes: ParameterShapes,
  random: Random,
): Map<string, Float32Array> {
  return new Map([...shapes].map(([name, [rows, columns]]) => {
    const values = new Float32Array(rows * columns);
    if (!name.endsWith(".lora_A.weight")) return [name, values];
    const bound = 1 / Math.sqrt(columns);
    return [name, values.map(() => (2 * random.uniform() - 1) * bound)];
  }));
}

/** The same parameters, with adapters beside those matrices that have them. */
export function withLora(
  parameters: Parameters,
  adapters: ParameterShapes,
  scale: number,
): Parameters {
  const ask = (name: string, shape: readonly number[]) => parameters(name, shape);
  return Object.assign(ask, {
    quantized: parameters.quantized,
    lora: (matrix: string): LoraMatrices | undefined => {
      const { down, up } = loraNames(matrix);
      const [downShape, upShape] = [adapters.get(down), adapters.get(up)];
      if (!downShape || !upShape) return undefined;
      return { down: parameters(down, downShape), up: parameters(up, upShape), scale };
    },
  });
}
