import { type Seed } from "../options/seed_option.ts";
import type { LabelledTexts } from "../data/labelled_texts.ts";
import { loadTokenizer, type Tokenizer } from "../data/tokenizer.ts";
import type { TokenizedTexts } from "../data/tokenized_texts.ts";
import { initialGediHead } from "./gedi_head.ts";
import type { Backbone } from "../models/backbone.ts";
import { headFill, initialize } from "../models/initialization.ts";
import {
  armHeadOf,
  type ArmSpec,
  backboneShapesOf,
  type BackboneSpec,
  type GediSpec,
  headShapesOf,
  modelSpecJson,
  parseModelSpec,
  radHeadOf,
  type RadSpec,
  shapesOf,
} from "./model_spec.ts";
import { interruptible } from "../notebook/interruption.ts";
import type { Kind, SettledOptions } from "../options/option.ts";
import { checkArgument, settle } from "../options/settle.ts";
import { Random } from "../random.ts";
import { openTeacherOf, type Teacher } from "./teacher.ts";
import type { Device } from "../runtime/device.ts";
import { deviceKind } from "../runtime/device_kind.ts";
import { configPath, openModelFolder, readParameters } from "../weights/model_folder.ts";
import { encodeTexts, withinVocabulary } from "../train/encode.ts";
import type { FitResult } from "../train/fit_result.ts";
import { gediObjective } from "./gedi_objective.ts";
import type { Example } from "../train/objective.ts";
import { type InitialModel, openInitialModel, weightsId } from "../train/initial_model.ts";
import { armObjective, fudgeObjective, radObjective } from "./reward_objective.ts";
import { rateFor } from "../train/default_rate.ts";
import {
  foreignSetting,
  publishedAdamW,
  type RewardKind,
  type RewardModelOptions,
  rewardModelOptions,
} from "./reward_model_options.ts";
import { type RunPlan, runTraining } from "../train/run.ts";
import { textsByClass } from "./text_classes.ts";
import { trainExperts } from "./train_experts.ts";

/** What a reward model learns from, as an argument. */
export const rewardDataKind = {
  type: "value",
  is: (value: unknown): value is LabelledTexts | TokenizedTexts =>
    typeof value === "object" && value !== null && "labelNames" in value &&
    ("texts" in value || "examples" in value),
  what: "labelled texts, from await readLabelledTexts(), or the token ids of such",
} as const satisfies Kind;

/**
 * Trains a reward model on labelled texts, starting from a language model, and writes its folder.
 * An ARM distilled from a teacher has the teacher's labels, not those of the texts. In ARM, RAD and FUDGE the
 * embeddings stay as they are; GeDi and DExperts are language models, and all of them trains.
 *
 * @param data texts, or, for ARM, RAD and FUDGE, their token ids.
 * @throws {TypeError} if an option does not go with the kind, or a folder holds another kind of model.
 * @throws {RangeError} if a setting is out of range, the teacher has another vocabulary, GeDi or DExperts do not have one label with texts on
 *   both sides, or the control codes are one token.
 */
export async function trainRewardModel(
  data: LabelledTexts | TokenizedTexts,
  device: Device,
  options: RewardModelOptions,
): Promise<FitResult> {
  checkArgument("trainRewardModel", "data", rewardDataKind, data);
  checkArgument("trainRewardModel", "device", deviceKind, device);
  const { kind, base: path, init, teacher: teacherPath, ...settings } = settled(options);
  const { baseline, regularizer, trainEmbeddings, published, ...others } = settings;
  const { codes, generativeWeight, ...rest } = others;
  const { learningRate = await rateFor(path), signal, ...course } = rest;
  using work = interruptible(signal);
  const run = { ...course, learningRate, signal: work.signal };
  if (kind === "dexperts") {
    return await trainExperts(asTexts(data, kind), device, { ...run, base: path });
  }

  await using resources = new AsyncDisposableStack();
  const plan = async (): Promise<RunPlan> => {
    const base = await openInitialModel(path);
    const teacher = teacherPath === undefined
      ? undefined
      : resources.use(await openTeacherOf(base.backbone, teacherPath, device));
    if (kind === "gedi") textsByClass(asTexts(data, kind));
    const tokenizer = await loadTokenizer(path);
    const { spec, inputs, ...planned } = planOf(
      { kind, baseline, regularizer, trainEmbeddings, published, codes, generativeWeight },
      { backbone: base.backbone, labels: teacher?.labels ?? data.labelNames, tokenizer, teacher },
    );
    return {
      ...planned,
      spec,
      initial: init === undefined
        ? await initialParameters(base, spec, run.seed)
        : await parametersOf(init, spec),
      examples: await examplesOf(data, tokenizer, base.backbone),
      inputs: {
        base: base.id,
        init: init && await weightsId(init),
        teacher: teacherPath && await weightsId(teacherPath),
        ...inputs,
      },
      tokenizer: path,
    };
  };
  return await runTraining(plan, device, run);
}

/** Texts cut to what the model reads beside BOS. @throws {RangeError} if they hold tokens of another vocabulary. */
export async function examplesOf(
  data: LabelledTexts | TokenizedTexts,
  tokenizer: Tokenizer,
  { context, vocabulary }: Backbone,
): Promise<readonly Example[]> {
  const longest = context - 1;
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
function asTexts(data: LabelledTexts | TokenizedTexts, kind: RewardKind): LabelledTexts {
  if ("texts" in data) return data;
  throw new TypeError(`A model of kind ${kind} is trained on texts, not on token ids`);
}

/**
 * What was given with the defaults in place.
 *
 * @throws {TypeError} if an option is unknown or of a wrong type, or does not go with the kind, or with another option.
 * @throws {RangeError} if one is out of range.
 */
function settled(options: RewardModelOptions): SettledOptions<typeof rewardModelOptions> {
  const checked = settle("trainRewardModel", rewardModelOptions, options);
  const { kind, published, accumulationSteps } = checked;
  const foreign = foreignSetting(kind, options);
  if (foreign) {
    throw new TypeError(
      `'${foreign.name}' is a setting of kind ${foreign.kinds.join(" and ")}, not of ${kind}`,
    );
  }
  if (published && accumulationSteps > 1) {
    throw new TypeError(
      "Losses as published depend on the padding of the whole batch: compute it in one part",
    );
  }
  const notGiven = Object.entries(publishedAdamW).filter(([name]) =>
    options[name as keyof typeof publishedAdamW] === undefined
  );
  return published ? { ...checked, ...Object.fromEntries(notGiven) } : checked;
}

/** What the user set of a model that is trained in one run. */
interface Settings extends
  Pick<
    SettledOptions<typeof rewardModelOptions>,
    "baseline" | "regularizer" | "trainEmbeddings" | "published" | "codes" | "generativeWeight"
  > {
  readonly kind: Exclude<RewardKind, "dexperts">;
}

/** What a model is planned from. */
interface Given {
  readonly backbone: Backbone;
  readonly labels: readonly string[];
  readonly tokenizer: Tokenizer;
  readonly teacher?: Teacher;
}

/** What each kind of model is, what it is trained to do, and what else that depends on. */
function planOf(
  { trainEmbeddings, ...options }: Settings,
  given: Given,
): Pick<RunPlan, "objective" | "inputs" | "label"> & { readonly spec: BackboneSpec } {
  const plan = planWithFrozenEmbeddings(options, given);
  if (!trainEmbeddings) return plan;
  return {
    ...plan,
    // only the kinds that have the setting come here
    spec: { ...plan.spec, trainedEmbeddings: true } as ArmSpec | RadSpec,
    objective: { ...plan.objective, frozen: new Set() },
  };
}

function planWithFrozenEmbeddings(
  options: Omit<Settings, "trainEmbeddings">,
  { backbone, labels, tokenizer, teacher }: Given,
): ReturnType<typeof planOf> {
  const { baseline, regularizer, published, generativeWeight } = options;
  switch (options.kind) {
    case "arm": {
      const spec: ArmSpec = { kind: "arm", backbone, labels, baseline };
      return {
        spec,
        objective: armObjective(backbone, armHeadOf(spec), {
          teacher: teacher?.rewards,
          regularizer,
          published,
        }),
        inputs: { regularizer, published },
        label: teacher ? "ARM, distilled" : "ARM",
      };
    }
    case "rad": {
      const spec: RadSpec = { kind: "rad", backbone, labels };
      const objective = radObjective(backbone, radHeadOf(spec), { published });
      return { spec, objective, inputs: { published }, label: "RAD" };
    }
    case "fudge": {
      const spec: RadSpec = { kind: "fudge", backbone, labels };
      const objective = fudgeObjective(backbone, radHeadOf(spec));
      return { spec, objective, inputs: {}, label: "FUDGE" };
    }
    case "gedi": {
      const codes = controlCodes(tokenizer, options.codes);
      const spec: GediSpec = { kind: "gedi", backbone, labels, codes };
      const objective = gediObjective(spec, { generativeWeight });
      return { spec, objective, inputs: { generativeWeight }, label: "GeDi" };
    }
  }
}

/** The first tokens of two words. @throws {RangeError} if they are one token, or a word has none. */
function controlCodes(
  tokenizer: Tokenizer,
  [desired, undesired]: readonly [string, string],
): [number, number] {
  const codes = [desired, undesired].map((word) => tokenizer.encode(word)[0]);
  if (codes.includes(undefined as never) || codes[0] === codes[1]) {
    throw new RangeError(
      `The control codes '${desired}' and '${undesired}' do not begin with different tokens: ` +
        "choose other words",
    );
  }
  return [codes[0], codes[1]];
}

/** The parameters of a model that training goes on from. @throws {TypeError} if it is not of that kind and shape. */
async function parametersOf(path: string, spec: BackboneSpec): Promise<Map<string, Float32Array>> {
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

/** The base model's parameters and those of a fresh head. */
async function initialParameters(
  base: InitialModel,
  spec: BackboneSpec,
  seed: Seed,
): Promise<Map<string, Float32Array>> {
  const fresh = spec.kind === "gedi"
    ? initialGediHead()
    : initialize(headShapesOf(spec), headFill, new Random(seed, "head"));
  const backbone = backboneShapesOf(spec);
  const borrowed = [...await base.parameters()].filter(([name]) => backbone.has(name));
  return new Map([...borrowed, ...fresh]);
}
