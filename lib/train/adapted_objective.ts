import type { Backbone } from "../models/backbone.ts";
import { adaptedMatrices, adapterShapes, type Lora, loraScale, withLora } from "../models/lora.ts";
import type { ParameterShapes } from "../models/parameters.ts";
import type { Objective } from "./objective.ts";

/** An objective of which adapters and head train. */
export interface AdaptedObjective extends Objective {
  /** Name → shape of the adapters among the parameters. */
  readonly adapters: ParameterShapes;
}

/**
 * The same objective with every parameter of the backbone frozen, and adapters beside its linear layers that train with the head.
 *
 * @param borrowed the parameters of the objective that are the backbone's.
 * @throws {RangeError} if a target is no linear layer of the backbone.
 */
export function adaptedObjective(
  objective: Objective,
  { backbone, borrowed }: { readonly backbone: Backbone; readonly borrowed: ParameterShapes },
  lora: Lora,
): AdaptedObjective {
  const adapters = adapterShapes(borrowed, adaptedMatrices(backbone, lora), lora);
  return {
    ...objective,
    shapes: new Map([...objective.shapes, ...adapters]),
    frozen: new Set(borrowed.keys()),
    loss: (parameters) => objective.loss(withLora(parameters, adapters, loraScale(lora))),
    adapters,
  };
}
