import type { LabelledTexts } from "../data/labelled_texts.ts";
import { loadTokenizer, type Tokenizer } from "../data/tokenizer.ts";
import type { Backbone } from "../models/backbone.ts";
import { headFill, initialize, zeroFill } from "../models/initialization.ts";
import {
  backboneShapesOf,
  headedModel,
  type HeadedSpec,
  modelSpecJson,
  parseModelSpec,
  shapesOf,
} from "./model_spec.ts";
import { defaultHeadInit } from "./head_init.ts";
import { interruptible } from "../notebook/interruption.ts";
import type { OptionTable } from "../options/option.ts";
import { checkArgument, settle } from "../options/settle.ts";
import { Random } from "../random.ts";
import { openTeacherOf } from "./teacher.ts";
import type { Device } from "../runtime/device.ts";
import { deviceKind } from "../runtime/device_kind.ts";
import { configPath, openModelFolder, readParameters } from "../weights/model_folder.ts";
import { finiteRewards } from "./finite_rewards.ts";
import { rememberedBytes, rememberedRewards } from "./remembered_rewards.ts";
import { firstBatches } from "../train/first_batches.ts";
import { fedStates } from "../train/state_objective.ts";
import { sharedBlocks, trunkEpochs, trunkPlan, trunkRate, trunkReference } from "./trunk_plan.ts";
import { adaptedPlan } from "../train/adapted_plan.ts";
import { encodePairs } from "../train/encode_pairs.ts";
import { encodeTexts, withinVocabulary, withoutBos } from "../train/encode.ts";
import type { FitResult } from "../train/fit_result.ts";
import type { Example } from "../train/objective.ts";
import { openInitialModel, weightsId } from "../train/initial_model.ts";
import { rateFor } from "../train/default_rate.ts";
import {
  commonSettings,
  foreignSetting,
  type RewardModelOptions,
  rewardModelOptions,
  rewardModelTable,
  settingsOf,
} from "./reward_model_options.ts";
import { type RunPlan, runTraining } from "../train/run.ts";
import { trainingOptions } from "../train/training_options.ts";
import { type AnyMethod, type AnySettings, type HeadedMethod, isEnsemble } from "./method.ts";
import { isPairs, requireFitting, type RewardData, rewardDataKind } from "./reward_data.ts";
import { methodOf } from "./mod.ts";
import type { TeacherRewards } from "./next_token_objective.ts";
import { publishedAdamW } from "./published_setting.ts";
import { textsByClass } from "./text_classes.ts";

/**
 * Trains a reward model on labelled texts or preference pairs, starting from a language model, and writes its folder.
 * An ARM distilled from a teacher has the teacher's labels, not those of the texts; what learns from pairs has one label, which
 * chosen texts have more of. In ARM, RAD and FUDGE the embeddings stay as they are; GeDi, DExperts, GenARM and FaRMA are language
 * models, and all of them trains.
 *
 * @param data texts, or, for methods that do not need to see them, their token ids; or preference pairs.
 * @throws {TypeError} if an option does not go with the kind, or a folder holds another kind of model.
 * @throws {RangeError} if a setting is out of range, the teacher has another vocabulary, GeDi or DExperts do not have one label with texts on
 *   both sides, or the control codes are one token.
 */
export async function trainRewardModel(
  data: RewardData,
  device: Device,
  options: RewardModelOptions,
): Promise<FitResult> {
  checkArgument("trainRewardModel", "data", rewardDataKind, data);
  checkArgument("trainRewardModel", "device", deviceKind, device);
  const { kind } = settle("trainRewardModel", rewardModelTable(), options);
  const foreign = foreignSetting(kind, options);
  if (foreign) {
    throw new TypeError(
      `'${foreign.name}' is a setting of kind ${foreign.kinds.join(" and ")}, not of ${kind}`,
    );
  }
  const { kind: _, ...others } = options;
  return await trainBy("trainRewardModel", methodOf(kind)!, data, device, others);
}

/**
 * Trains a model of a method.
 *
 * @param caller named in errors.
 * @param options the method's settings among them, not checked yet.
 */
export async function trainBy(
  caller: string,
  method: AnyMethod,
  data: RewardData,
  device: Device,
  options: object,
): Promise<FitResult> {
  requireFitting(method, data, options);
  const { base: path, teacher: teacherPath, init, ...settled } = withPublished(
    settle(caller, { ...settingsOf(method), ...startingPoint, ...trainingOptions }, options),
    options,
  );
  const [settings, course] = apart(settled, settingsOf(method));
  const { lora } = course;
  if (lora && (init !== undefined || settings.trainEmbeddings)) {
    throw new TypeError(
      `'${init === undefined ? "trainEmbeddings" : "init"}' does not go with 'lora', ` +
        "which adapts the base model as it is: leave one of them out",
    );
  }
  if (init !== undefined && settings.headInit !== undefined) {
    throw new TypeError(
      "'headInit' does not go with 'init', which brings its head: leave one of them out",
    );
  }
  const shared = await sharedBlocks(path, settings.trunk);
  const clash = ["trainEmbeddings", "lora", "init", "published", "headInit"].find((name) =>
    (options as Record<string, unknown>)[name]
  );
  if (shared && clash) {
    throw new TypeError(`'${clash}' does not go with 'trunk': leave one of them out`);
  }
  const given = options as { epochs?: number; schedule?: string };
  if (shared && given.epochs === undefined) {
    course.epochs = shared.isAll ? trunkEpochs.head : trunkEpochs.blocks;
  }
  // at a constant rate a head ends wherever its last large steps take it
  if (shared && given.schedule === undefined) course.schedule = "cosine";
  const { learningRate = shared ? trunkRate : await rateFor(path, course), signal, ...rest } =
    course;
  using work = interruptible(signal);
  const run = { ...rest, learningRate, signal: work.signal };
  if (isEnsemble(method)) {
    return await method.train(asTexts(data, method.kind), device, { ...run, base: path });
  }

  await using resources = new AsyncDisposableStack();
  const plan = async (): Promise<RunPlan> => {
    const base = await openInitialModel(path);
    const { backbone } = base;
    const opened = teacherPath === undefined
      ? undefined
      : resources.use(await openTeacherOf(backbone, teacherPath, device));
    const teacher = opened && {
      labels: opened.labels,
      rewards: rememberedRewards(finiteRewards(opened.rewards), {
        labels: opened.labels.length,
        device,
        // on a trunk all texts are read beforehand
        together: shared ? undefined : () => firstBatches(examples, run),
      }),
    };
    if (method.learnsFrom === "two classes") textsByClass(asTexts(data, method.kind));
    const tokenizer = await loadTokenizer(path);
    const begun = init === undefined && !shared
      ? withHeadInit(method, settings, backbone.width)
      : settings;
    const { spec, objective, inputs } = planOf(method, begun, {
      backbone,
      labels: teacher?.labels ?? data.labelNames,
      tokenizer,
      teacher,
      pairs: isPairs(data),
    });
    const name = method.name ?? method.title;
    const { head } = headedModel(spec);
    // on a trunk, a head that knows its steps is linear and may begin at zero, where rewards have one size whatever the backbone
    const beginsAtZero = shared ? head.stepFactors !== undefined : begun.headInit === "zeros";
    const fill = beginsAtZero ? zeroFill : head.fill ?? headFill;
    const fresh = initialize(head.shapes, fill, new Random(run.seed, "head"));
    const examples = await examplesOf(data, tokenizer, backbone);
    const whole: RunPlan = {
      ...(teacher && { remembered: rememberedBytes(examples, teacher.labels.length) }),
      config: modelSpecJson(spec),
      objective,
      initial: fresh,
      examples,
      inputs: {
        base: base.id,
        init: init && await weightsId(init),
        teacher: teacherPath && await weightsId(teacherPath),
        ...inputs,
      },
      tokenizer: path,
      label: teacher ? `${name}, distilled` : name,
    };
    if (shared) {
      const { blocks } = shared;
      const fed = planOf(method, settings, {
        backbone: fedStates(backbone, blocks),
        labels: spec.labels,
        tokenizer,
        teacher,
      });
      // what rates next tokens from the base model's states reads what that reads
      const asBase = !base.bos && !method.part && !method.open;
      const trunk = await trunkReference(base, blocks, run.out);
      return await trunkPlan(
        {
          ...whole,
          config: modelSpecJson({ ...spec, trunk, ...(asBase ? { bos: false } : {}) }),
          examples: asBase ? withoutBos(examples) : examples,
        },
        base,
        { blocks, fed: fed.objective, head, device },
      );
    }
    const borrowed = backboneShapesOf(spec);
    if (lora) return await adaptedPlan(whole, base, { lora, borrowed, seed: run.seed });
    if (init !== undefined) return { ...whole, initial: await parametersOf(init, spec) };
    const ofBase = [...await base.parameters()].filter(([name]) => borrowed.has(name));
    return { ...whole, initial: new Map([...ofBase, ...fresh]) };
  };
  return await runTraining(plan, device, run);
}

/** What every method's training starts from. */
const startingPoint = {
  base: rewardModelOptions.base,
  init: commonSettings.init,
  teacher: commonSettings.teacher,
} as const satisfies OptionTable;

/** Options in two: those of a table, and the rest. */
function apart<Options extends object>(
  options: Options,
  table: OptionTable,
): [settings: AnySettings, rest: Options] {
  const entries = Object.entries(options);
  const isSetting = ([name]: [string, unknown]) => Object.hasOwn(table, name);
  return [
    Object.fromEntries(entries.filter(isSetting)),
    Object.fromEntries(entries.filter((entry) => !isSetting(entry))) as Options,
  ];
}

/** The same, with what `published` sets where nothing else was given. */
function withPublished<Options extends { accumulationSteps: number }>(
  settled: Options,
  given: object,
): Options {
  if (!("published" in settled) || settled.published !== true) return settled;
  if (settled.accumulationSteps > 1) {
    throw new TypeError(
      "Losses as published depend on the padding of the whole batch: compute it in one part",
    );
  }
  const notGiven = Object.entries(publishedAdamW).filter(([name]) =>
    (given as Record<string, unknown>)[name] === undefined
  );
  return { ...settled, ...Object.fromEntries(notGiven) };
}

/** The same, with how the head begins, where the method has that setting. */
function withHeadInit(method: HeadedMethod, settings: AnySettings, width: number): AnySettings {
  if (!Object.hasOwn(settingsOf(method), "headInit")) return settings;
  const byDefault = settings.published === true ? "normal" : defaultHeadInit(width);
  return { headInit: byDefault, ...settings };
}

/** Texts cut to what the model reads beside BOS. @throws {RangeError} if they hold tokens of another vocabulary. */
export async function examplesOf(
  data: RewardData,
  tokenizer: Tokenizer,
  { context, vocabulary }: Backbone,
): Promise<readonly Example[]> {
  const longest = context - 1;
  if (isPairs(data)) {
    return withinVocabulary(await encodePairs(tokenizer, data, longest), vocabulary);
  }
  if ("texts" in data) {
    const examples = await encodeTexts(tokenizer, data.texts, longest, data.labels);
    return withinVocabulary(examples, vocabulary);
  }
  if (data.vocabulary > vocabulary) {
    throw new RangeError(
      `The texts are tokens of a vocabulary of ${data.vocabulary}, and the base model has ${vocabulary}: ` +
        "tokenize them with its tokenizer",
    );
  }
  return data.examples(longest);
}

/** @throws {TypeError} if there are only token ids. */
function asTexts(data: RewardData, kind: string): LabelledTexts {
  if ("texts" in data) return data;
  throw new TypeError(`A model of kind ${kind} is trained on texts, not on token ids`);
}

/** What a model is planned from. */
interface Given {
  readonly backbone: Backbone;
  readonly labels: readonly string[];
  readonly tokenizer: Tokenizer;
  readonly teacher?: { readonly rewards: TeacherRewards };
  /** Whether it learns from preference pairs. */
  readonly pairs?: boolean;
}

/** What a model is, what it is trained to do, and what else that depends on. */
function planOf(
  method: HeadedMethod,
  { trainEmbeddings, ...options }: AnySettings,
  { backbone, labels, tokenizer, teacher, pairs = false }: Given,
): Pick<RunPlan, "objective" | "inputs"> & { readonly spec: HeadedSpec } {
  const { kind, settings: table = {}, training = {} } = method;
  const settings = method.planned?.(options, tokenizer) ?? apart(options, table)[0];
  const spec: HeadedSpec = {
    kind,
    backbone,
    labels,
    ...settings,
    ...(trainEmbeddings ? { trainedEmbeddings: true } : {}),
    ...(pairs ? { fromPairs: true } : {}),
  };
  const objective = method.objective(
    backbone,
    headedModel(spec).head,
    {
      labels: labels.length,
      ...(teacher ? { teacher: teacher.rewards } : {}),
      ...(pairs ? { pairs } : {}),
    },
    { ...options, ...settings },
  );
  const inputs = Object.entries(options).filter(([name]) =>
    Object.hasOwn(training, name) && !Object.hasOwn(table, name)
  );
  return {
    spec,
    objective: trainEmbeddings ? { ...objective, frozen: new Set() } : objective,
    inputs: Object.fromEntries(inputs),
  };
}

/** The parameters of a model that training goes on from. @throws {TypeError} if it is not of that kind and shape. */
async function parametersOf(path: string, spec: HeadedSpec): Promise<Map<string, Float32Array>> {
  const folder = await openModelFolder(path);
  const found = parseModelSpec(folder.config, configPath(path));
  const [has, wants] = [found, spec].map((each) => JSON.stringify(modelSpecJson(each)));
  if (has !== wants) {
    throw new TypeError(
      `'${path}' holds another model (${found.kind}) than the one to train (${spec.kind}), or one of other labels or ` +
        "sizes: go on from a model like it",
    );
  }
  return await readParameters(folder, shapesOf(spec));
}
