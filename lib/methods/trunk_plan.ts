import { inputsBefore } from "../graph/op.ts";
import { fedParameters, type Parameters } from "../models/parameters.ts";
import { trunkParameters } from "../models/trunk.ts";
import { parseBackbone } from "../models/architectures.ts";
import { kindIn } from "../models/language_model_spec.ts";
import { configPath, readModelConfig } from "../weights/model_folder.ts";
import { referenceTo } from "../weights/adapter_base.ts";
import type { TrunkReference } from "../weights/trunk.ts";
import type { Device } from "../runtime/device.ts";
import { defaultRate } from "../train/default_rate.ts";
import type { InitialModel } from "../train/initial_model.ts";
import type { Example, Objective } from "../train/objective.ts";
import type { RunPlan } from "../train/run.ts";
import { stateObjective } from "../train/state_objective.ts";
import { readingMemory, readTexts, StateReader, type TextStates } from "../train/text_states.ts";
import type { Head } from "./reward_head.ts";

/** The rate where nothing else is given: that of a head's own coordinates, see `Head.stepFactors`. */
export const trunkRate = 2e-3;

/** Passes over the texts where nothing else is given: many for a head alone, the paper's number for blocks. */
export const trunkEpochs = { head: 12, blocks: 5 };

/** How many blocks of a base model are shared. */
export interface SharedBlocks {
  readonly blocks: number;
  readonly isAll: boolean;
}

/**
 * What `trunk` asks for of a base model; undefined where it asks for nothing, or the folder holds no language model, which is said
 * where it is opened.
 *
 * @throws {RangeError} if the base model has fewer blocks.
 */
export async function sharedBlocks(
  path: string,
  trunk: unknown,
): Promise<SharedBlocks | undefined> {
  if (trunk === undefined) return undefined;
  const config = await readModelConfig(path);
  if (kindIn(config) !== "lm") return undefined;
  const { length } = parseBackbone(config, configPath(path)).blocks;
  const blocks = trunk === "all" ? length : trunk as number;
  if (blocks <= length) return { blocks, isAll: blocks === length };
  throw new RangeError(
    `The base '${path}' has ${length} blocks, so no ${blocks} of them can be shared: give 'trunk' as 1 to ${length}, or "all".`,
  );
}

/** What a model on a trunk says of it. @param out its folder. */
export async function trunkReference(
  base: InitialModel,
  blocks: number,
  out: string,
): Promise<TrunkReference> {
  const { weights, vectors, output } = (await base.trunkAt(blocks))!;
  const identity = { weights: weights!, vectors, ...(output === undefined ? {} : { output }) };
  return { blocks, ...await referenceTo(base.path, out), ...identity };
}

/**
 * What trains of a plan where the first blocks of the backbone are the base model's and stay as they are: the blocks above them
 * and the head, on hidden states that are computed once.
 *
 * @param plan of the whole model, whose initial values are those of the head.
 */
export async function trunkPlan(
  plan: RunPlan,
  base: InitialModel,
  { blocks, fed, head, device }: {
    /** How many blocks are shared. */
    readonly blocks: number;
    /** The plan's objective where the states above them are fed. */
    readonly fed: Objective;
    readonly head: Head;
    readonly device: Device;
  },
): Promise<RunPlan> {
  const { backbone } = base;
  const { examples } = plan;
  const { outputEmbedding, width } = backbone;
  const isWhole = blocks === backbone.blocks.length;
  const { above } = trunkParameters(backbone, blocks);
  const parameters = await base.stored(backbone.shapes);
  const used = inputsBefore(fed.loss(fedParameters()).loss);
  const embedding = new Map(
    [...fed.shapes].filter(([name]) => name === outputEmbedding && used.has(name)),
  );
  const objectiveOn = (states: TextStates) =>
    stateObjective(fed, {
      width,
      shapes: new Map([...embedding, ...above, ...head.shapes]),
      frozen: new Set(embedding.keys()),
      isMasked: !isWhole,
      states,
    });
  const reads = { backbone, parameters, device };
  return {
    ...plan,
    objective: objectiveOn({ of: () => Promise.resolve([]) }),
    borrowed: new Set(embedding.keys()),
    label: `${plan.label}, on ${isWhole ? "all" : blocks} blocks of the base`,
    reading: {
      kept: 4 * width * examples.reduce((sum, { ids }) => sum + ids.length + 1, 0),
      working: readingMemory(backbone, parameters, examples),
      async read({ keep, signal }) {
        const norms = await normsOf(plan, base, { parameters, device, signal });
        if (!norms) return undefined;
        await using opened = new AsyncDisposableStack();
        const reader = opened.use(await StateReader.open(plan.objective, { ...reads, blocks }));
        // the texts of a teacher that remembers are read even where states are not kept
        const texts = await readTexts(examples, async (part) => {
          const states = await reader.of(part);
          return keep ? states : states.map(() => new Float32Array(0));
        }, { label: "Reading", signal });
        if (!texts) return undefined;
        const objective = objectiveOn(keep ? keptStates(texts) : reader);
        const ofHead = head.stepFactors?.(norms) ??
          new Map([...head.shapes.keys()].map((name) => [name, 5 / norms.hidden]));
        const ofBlocks = defaultRate(width) / trunkRate;
        const resources = keep ? undefined : opened.move();
        return {
          objective: {
            ...objective,
            stepFactors: new Map([
              ...[...above.keys()].map((name) => [name, ofBlocks] as const),
              ...ofHead,
            ]),
          },
          initial: new Map([
            ...await base.read(new Map([...embedding, ...above])),
            ...plan.initial,
          ]),
          [Symbol.asyncDispose]: async () => await resources?.disposeAsync(),
        };
      },
    },
  };
}

/** Texts whose hidden states are measured. */
const measuredTexts = 100;

/** The mean norms of what the head reads, before training; undefined if the signal came before. */
async function normsOf(
  plan: RunPlan,
  base: InitialModel,
  { parameters, device, signal }: {
    readonly parameters: Parameters;
    readonly device: Device;
    readonly signal: AbortSignal | undefined;
  },
): Promise<{ hidden: number; embedding: number } | undefined> {
  const { backbone } = base;
  const { width, outputEmbedding, vocabulary } = backbone;
  const blocks = backbone.blocks.length;
  const norms = new NormMean(width);
  await using reader = await StateReader.open(plan.objective, {
    backbone,
    parameters,
    device,
    blocks,
  });
  const measured = plan.examples.slice(0, measuredTexts);
  const read = await readTexts(measured, async (part) => {
    const states = await reader.of(part);
    for (const rows of states) norms.add(rows);
    return states.map(() => true);
  }, { label: "Measuring", signal });
  if (!read) return undefined;
  const embeddings = await base.read(new Map([[outputEmbedding, [vocabulary, width]]]));
  const embedding = new NormMean(width).add(embeddings.get(outputEmbedding)!).mean;
  return { hidden: norms.mean, embedding };
}

function keptStates(texts: ReadonlyMap<Example, Float32Array>): TextStates {
  const nothing = new Float32Array(0);
  return {
    of: ({ examples }) => Promise.resolve(examples.map((example) => texts.get(example) ?? nothing)),
  };
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
