import type { ParameterShapes } from "../models/parameters.ts";
import type { Device } from "../runtime/device.ts";
import type { InitialModel } from "../train/initial_model.ts";
import type { Example, Objective } from "../train/objective.ts";
import type { RunPlan } from "../train/run.ts";
import { stateObjective } from "../train/state_objective.ts";
import { readingMemory, readTexts, StateReader, type TextStates } from "../train/text_states.ts";
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
  const { examples } = plan;
  const parameters = await base.stored(borrowed);
  const values = new Map([...await base.parameters()].filter(([name]) => borrowed.has(name)));
  const embeddings = values.get(backbone.outputEmbedding)!;
  const objectiveOn = (states: TextStates) =>
    stateObjective(fed, { backbone, head: head.shapes, states });
  return {
    ...plan,
    objective: objectiveOn({ of: () => Promise.resolve([]) }),
    kept: { shapes: borrowed, values },
    inputs: { ...plan.inputs, train: "head" },
    label: `${plan.label}, head alone`,
    reading: {
      kept: 4 * backbone.width * examples.reduce((sum, { ids }) => sum + ids.length + 1, 0),
      working: readingMemory(backbone, parameters, examples),
      async read({ keep, signal }) {
        await using opened = new AsyncDisposableStack();
        const reader = opened.use(
          await StateReader.open(plan.objective, { backbone, parameters, device }),
        );
        const seen = new Set(examples.slice(0, measuredTexts));
        const norms = new NormMean(backbone.width);
        const texts = await readTexts(examples, async (part) => {
          const states = await reader.of(part);
          part.examples.forEach((example, i) => seen.has(example) && norms.add(states[i]));
          return keep ? states : states.map(() => new Float32Array(0));
        }, { label: "Reading", signal });
        if (!texts) return undefined;
        const hidden = norms.mean;
        const embedding = new NormMean(backbone.width).add(embeddings).mean;
        const objective = objectiveOn(keep ? keptStates(texts) : reader);
        // a head that knows its steps is linear and may begin at zero, where rewards have one size whatever the backbone
        const fresh = head.stepFactors ? zerosOf(head.shapes) : plan.initial;
        const resources = keep ? undefined : opened.move();
        return {
          objective: {
            ...objective,
            stepFactors: head.stepFactors?.({ hidden, embedding }) ??
              new Map([...head.shapes.keys()].map((name) => [name, 5 / hidden])),
          },
          initial: new Map([...values, ...fresh].filter(([name]) => objective.shapes.has(name))),
          [Symbol.asyncDispose]: async () => await resources?.disposeAsync(),
        };
      },
    },
  };
}

/** Texts whose hidden states are measured. */
const measuredTexts = 500;

function keptStates(texts: ReadonlyMap<Example, Float32Array>): TextStates {
  const nothing = new Float32Array(0);
  return {
    of: ({ examples }) => Promise.resolve(examples.map((example) => texts.get(example) ?? nothing)),
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

/** The mean Euclidean norm of rows of one width. */
class NormMean {
  readonly #width: number;
  #sum = 0;
  #rows = 0;

  constructor(width: number) {
    this.#width = width;
  }

  add(rows: Float32Array): this {
    for (let start = 0; start < rows.length; start += this.#width) {
      let square = 0;
      for (let i = start; i < start + this.#width; i++) square += rows[i] ** 2;
      this.#sum += Math.sqrt(square);
      this.#rows++;
    }
    return this;
  }

  get mean(): number {
    return this.#sum / this.#rows;
  }
}
