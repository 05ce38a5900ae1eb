import type { ParameterShapes } from "../models/parameters.ts";
import type { Device } from "../runtime/device.ts";
import type { InitialModel } from "../train/initial_model.ts";
import type { Objective } from "../train/objective.ts";
import type { RunPlan } from "../train/run.ts";
import { readStates, stateObjective } from "../train/state_objective.ts";
import type { Head } from "./reward_head.ts";

/**
 * What trains of a plan where the backbone is frozen: the head, on hidden states that are computed once.
 *
 * @param plan of the whole model.
 */
export async function headPlan(
  plan: RunPlan,
  base: InitialModel,
  { fed, head, borrowed, device }: {
    /** The plan's objective where hidden states are fed. */
    readonly fed: Objective;
    readonly head: Head;
    /** The parameters of the plan's objective that are the base model's. */
    readonly borrowed: ParameterShapes;
    readonly device: Device;
  },
): Promise<RunPlan> {
  const { backbone } = base;
  const states = await readStates(plan.objective, plan.examples, {
    backbone,
    parameters: await base.stored(borrowed),
    device,
  });
  const values = await base.parameters();
  const embeddings = values.get(backbone.outputEmbedding)!;
  const hidden = meanNorm(states.values(), backbone.width);
  const norms = { hidden, embedding: meanNorm([embeddings], backbone.width) };
  const objective = stateObjective(fed, { backbone, head: head.shapes, states });
  // a head that knows its steps is linear and may begin at zero, where rewards have one size whatever the backbone
  const fresh = head.stepFactors ? zerosOf(head.shapes) : plan.initial;
  const all = new Map([...values].filter(([name]) => borrowed.has(name)));
  return {
    ...plan,
    objective: {
      ...objective,
      stepFactors: head.stepFactors?.(norms) ??
        new Map([...head.shapes.keys()].map((name) => [name, 5 / hidden])),
    },
    initial: new Map([...all, ...fresh].filter(([name]) => objective.shapes.has(name))),
    kept: { shapes: borrowed, values: all },
    inputs: { ...plan.inputs, train: "head" },
    label: `${plan.label}, head alone`,
  };
}

function zerosOf(shapes: ParameterShapes): Map<string, Float32Array> {
  return new Map(
    [...shapes].map(([name, shape]) => [
      name,
      new Float32Array(shape.reduce((product, extent) => product * extent, 1)),
    ]),
  );
}

/** The mean Euclidean norm of rows of that width. */
function meanNorm(tables: Iterable<Float32Array>, width: number): number {
  let [sum, rows] = [0, 0];
  for (const table of tables) {
    for (let start = 0; start < table.length; start += width) {
      let square = 0;
      for (let i = start; i < start + width; i++) square += table[i] ** 2;
      sum += Math.sqrt(square);
      rows++;
    }
  }
  return sum / rows;
}
