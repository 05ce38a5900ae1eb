import { seedAfter } from "../options/seed_option.ts";
import { join } from "node:path";
import type { BaseModel } from "../bases/base_model.ts";
import { openBaseModel } from "../bases/own_base.ts";
import { freeDisk, freeMemory, sizeText } from "../files/room.ts";
import type { Backbone } from "../models/backbone.ts";
import type { LanguageModelSpec } from "../models/language_model_spec.ts";
import { type BackboneSpec, type HeadedSpec, shapesOf } from "../methods/model_spec.ts";
import type { ParameterShapes } from "../models/parameters.ts";
import { dexpertsPart } from "../methods/dexperts.ts";
import { rewardModelOf } from "../methods/open_reward_model.ts";
import { onePassModel } from "../methods/one_pass.ts";
import type { RewardModel } from "../methods/reward_model.ts";
import type { Device } from "../runtime/device.ts";
import { openModelFolder, parametersIn } from "../weights/model_folder.ts";
import { writeRandomModel } from "./random_model.ts";
import { type RandomWeightsOptions, weightBytes } from "./random_weights.ts";

/** The systems that are compared; `rad` reads every candidate as a text of its own, `rad-onepass` all of them at once. */
export const rewardSystems = ["arm", "rad", "rad-onepass", "gedi", "dexperts", "fudge"] as const;
export type RewardSystem = typeof rewardSystems[number];

/** The base model's shape, and that of every reward model. */
export interface ModelShapes {
  readonly base: Backbone;
  readonly reward: Backbone;
}

/** The label that all reward models have. */
export const randomLabel = "label";

const labels = [randomLabel];

const languageModel = (backbone: Backbone): LanguageModelSpec => ({
  kind: "lm",
  backbone,
  bos: false,
});

/** The kinds of reward models that one file of weights serves, its backbone and all their heads. */
const rewardSpecs = (backbone: Backbone) =>
  ({
    arm: { kind: "arm", backbone, labels, baseline: true },
    rad: { kind: "rad", backbone, labels },
    fudge: { kind: "fudge", backbone, labels },
    gedi: { kind: "gedi", backbone, labels, codes: [0, 1] },
  }) as const satisfies Record<string, HeadedSpec>;

/** A loaded model takes its weights, ordered for the processor, and something for what it computes. */
const memoryPerByte = 1.15;

/** Graphs that one reward model may have loaded: RAD has one for prompts and one for candidates. */
const rewardGraphs = 2;

/**
 * Models with random weights, in a temporary folder that is gone when they are disposed or the program ends. For
 * measuring what decoding costs, which does not depend on what the weights are.
 */
export class RandomModels implements AsyncDisposable {
  readonly #folder: string;
  readonly #shapes: ModelShapes;
  readonly #removeAtExit: () => void;

  private constructor(folder: string, shapes: ModelShapes) {
    this.#folder = folder;
    this.#shapes = shapes;
    this.#removeAtExit = () => Deno.removeSync(folder, { recursive: true });
    globalThis.addEventListener("unload", this.#removeAtExit);
  }

  /**
   * Writes the weights.
   *
   * @param systems what will be opened beside base models.
   * @param bases how many base models will be open at a time. Default 1.
   * @param beside bytes of a further file of weights, for which there should be room as well. Default 0.
   * @throws {RangeError} if there is not the disk or the memory for it.
   * @throws the signal's reason if it is aborted.
   */
  static async write(
    shapes: ModelShapes,
    systems: readonly RewardSystem[],
    { bases = 1, beside = 0, ...options }:
      & RandomWeightsOptions
      & { bases?: number; beside?: number } = {},
  ): Promise<RandomModels> {
    const files = new Map<string, ParameterShapes>([[
      "base",
      shapesOf(languageModel(shapes.base)),
    ]]);
    if (systems.length > 0) files.set("reward", unionOf(Object.values(rewardSpecs(shapes.reward))));
    // equal weights in one graph would be computed once, so the anti-expert has a file of its own
    if (systems.includes("dexperts")) {
      files.set("antiexpert", shapesOf(languageModel(shapes.reward)));
    }

    const folder = await Deno.makeTempDir({ prefix: `armature-${Deno.pid}-` });
    const models = new RandomModels(folder, shapes);
    try {
      await requireRoom(folder, files, bases, beside);
      const { seed = 0 } = options;
      for (const [i, [name, parameters]] of [...files].entries()) {
        const backbone = name === "base" ? shapes.base : shapes.reward;
        await writeRandomModel(join(folder, name), languageModel(backbone), {
          ...options,
          parameters,
          seed: seedAfter(seed, i),
        });
      }
      return models;
    } catch (error) {
      await models[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Where they are. */
  get folder(): string {
    return this.#folder;
  }

  /** The base model's folder, as any model's. */
  get baseFolder(): string {
    return join(this.#folder, "base");
  }

  /** Opens the base model; nothing is loaded before it is used. */
  async openBase(device: Device): Promise<BaseModel> {
    return await openBaseModel(this.baseFolder, device);
  }

  /** Opens one of the systems that were named; nothing is loaded before it is used. */
  async openReward(system: RewardSystem, device: Device): Promise<RewardModel> {
    if (system === "dexperts") return await this.#openDexperts(device);
    const specs = rewardSpecs(this.#shapes.reward);
    const spec = specs[system === "rad-onepass" ? "rad" : system];
    const plain = system === "rad";
    return rewardModelOf(spec, await this.#parameters("reward", spec), device, { plain });
  }

  async #openDexperts(device: Device): Promise<RewardModel> {
    const backbone = this.#shapes.reward;
    const spec = languageModel(backbone);
    const expert = { spec, parameters: await this.#parameters("reward", spec) };
    const antiExpert = { spec, parameters: await this.#parameters("antiexpert", spec) };
    return onePassModel(
      {
        kind: "dexperts",
        labels,
        rule: "difference",
        vocabulary: backbone.vocabulary,
        longestText: backbone.context,
      },
      dexpertsPart(expert, antiExpert),
      device,
    );
  }

  async #parameters(name: string, spec: BackboneSpec) {
    return parametersIn(await openModelFolder(join(this.#folder, name)), shapesOf(spec));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    globalThis.removeEventListener("unload", this.#removeAtExit);
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** The parameters of all the models; those of one name are one. */
function unionOf(specs: readonly BackboneSpec[]): ParameterShapes {
  return new Map(specs.flatMap((spec) => [...shapesOf(spec)]));
}

async function requireRoom(
  folder: string,
  files: ReadonlyMap<string, ParameterShapes>,
  bases: number,
  beside: number,
): Promise<void> {
  const bytes = [
    ...Array.from(files, ([name, shapes]) => ({ name, size: weightBytes(shapes) })),
    { name: "beside", size: beside },
  ];
  const sum = (count: (name: string) => number) =>
    bytes.reduce((sum, { name, size }) => sum + count(name) * size, 0);
  const disk = sum(() => 1);
  const memory = memoryPerByte * sum((name) => name === "base" ? bases : rewardGraphs);
  const [hasDisk, hasMemory] = [await freeDisk(folder), freeMemory()];
  if (hasDisk < disk) {
    throw new RangeError(
      `The random weights take ${sizeText(disk)} and '${folder}' has room for ${
        sizeText(hasDisk)
      }: ` +
        "name a larger disk's folder in TMPDIR, or measure smaller shapes",
    );
  }
  if (hasMemory < memory) {
    throw new RangeError(
      `The models take ${sizeText(memory)} of memory and ${sizeText(hasMemory)} are free: ` +
        "end other programs, or measure smaller shapes",
    );
  }
}
