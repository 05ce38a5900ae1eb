import { adaptedMatrices, initialAdapters, moduleNames } from "../models/lora.ts";
import type { ParameterShapes } from "../models/parameters.ts";
import { type Seed } from "../options/seed_option.ts";
import { Random } from "../random.ts";
import { adaptedObjective } from "./adapted_objective.ts";
import { loraOf, type LoraOptions } from "./lora_options.ts";
import type { InitialModel } from "./initial_model.ts";
import type { RunPlan } from "./run.ts";

/**
 * What trains of a plan where the base model is adapted: adapters beside its frozen weights, which stay in their file, and the
 * head.
 *
 * @param plan whose initial values are those of the head.
 * @throws {RangeError} if a target is no linear layer of the backbone.
 * @throws {TypeError} if the base model is quantized.
 */
export async function adaptedPlan(
  plan: RunPlan,
  base: InitialModel,
  { lora: given, borrowed, seed }: {
    readonly lora: LoraOptions;
    /** The parameters of the plan's objective that are the base model's. */
    readonly borrowed: ParameterShapes;
    readonly seed: Seed;
  },
): Promise<RunPlan> {
  const { backbone } = base;
  const lora = loraOf(given);
  const objective = adaptedObjective(plan.objective, { backbone, borrowed }, lora);
  const { rank, alpha, rslora } = lora;
  const targetModules = lora.targetModules ?? moduleNames(adaptedMatrices(backbone, lora));
  const fanInFanOut = backbone.matrices.some(({ transposed }) => !transposed);
  return {
    ...plan,
    objective,
    initial: new Map([
      ...plan.initial,
      ...initialAdapters(objective.adapters, new Random(seed, "adapters")),
    ]),
    inputs: { ...plan.inputs, lora },
    label: `${plan.label}, LoRA`,
    adapter: {
      stored: await base.stored(borrowed),
      adapter: { rank, alpha, rslora, targetModules, fanInFanOut },
      base: base.path,
      tensors: (shapes, values) =>
        [...values].map(([name, data]) => {
          const inBackbone = objective.adapters.has(name);
          const named = inBackbone ? backbone.modulePrefix + name : name;
          return [named, { dtype: "F32", shape: shapes.get(name)!, data }];
        }),
    },
  };
}
