import type { LabelledTexts } from "../data/labelled_texts.ts";
import { loadTokenizer } from "../data/tokenizer.ts";
import { gpt2Shapes } from "../nn/gpt2.ts";
import { initialize } from "../nn/initialization.ts";
import {
  armHeadOf,
  type ArmSpec,
  parseModelSpec,
  radHeadOf,
  type RadSpec,
  shapesOf,
} from "../nn/model_spec.ts";
import { Random } from "../random.ts";
import { openTeacher } from "../reward/teacher.ts";
import type { Device } from "../runtime/device.ts";
import { configPath, openModelFolder, readParameters } from "../weights/model_folder.ts";
import { encodeTexts } from "./encode.ts";
import type { FitResult } from "./fit.ts";
import { armObjective, radObjective } from "./reward_objective.ts";
import { type RunOptions, runTraining } from "./run.ts";

export interface RewardModelOptions extends RunOptions {
  kind: "arm" | "rad";
  /** Folder of the language model that lends backbone, embeddings and tokenizer. */
  base: string;
  /** Folder of a RAD model to distil an ARM from. Default: learn from the labels. */
  teacher?: string;
  /** Whether an ARM has a baseline of the prefix. Default true. */
  baseline?: boolean;
  /** The coefficient of an ARM's regularizer, equation (5). Default 1. */
  regularizer?: number;
  /** Losses as the authors' published code computes them. Default false. */
  published?: boolean;
}

/**
 * Trains a reward model on labelled texts, starting from a language model, and writes its folder.
 * Embeddings stay as they are. An ARM distilled from a teacher has the teacher's labels, not those of the texts.
 *
 * @throws {TypeError} if an option does not go with the kind, or a folder holds another kind of model.
 * @throws {RangeError} if the teacher has another vocabulary.
 */
export async function trainRewardModel(
  data: LabelledTexts,
  options: RewardModelOptions,
  device: Device,
): Promise<FitResult> {
  const {
    kind,
    base,
    teacher: teacherFolder,
    baseline = true,
    regularizer = 1,
    published = false,
    ...run
  } = options;
  if (kind === "rad" && (teacherFolder !== undefined || !baseline)) {
    throw new TypeError("A RAD model has no teacher and no baseline: these settings are an ARM's");
  }
  if (published && (run.parts ?? 1) > 1) {
    throw new TypeError(
      "Losses as published depend on the padding of the whole batch: compute it in one part",
    );
  }
  const folder = await openModelFolder(base);
  const baseSpec = parseModelSpec(folder.config, configPath(base));
  if (baseSpec.kind !== "lm") {
    throw new TypeError(
      `The base '${base}' must be a language model, but holds a model of kind ${baseSpec.kind}`,
    );
  }
  const { config } = baseSpec;
  await using teacher = teacherFolder === undefined
    ? undefined
    : await openTeacher(teacherFolder, device);
  const labels = teacher?.labels ?? data.labelNames;
  if (teacher && teacher.vocabulary !== config.vocabulary) {
    throw new RangeError(
      `The teacher has ${teacher.vocabulary} tokens and the base model ${config.vocabulary}: ` +
        `they must share a tokenizer`,
    );
  }
  const spec: ArmSpec | RadSpec = kind === "arm"
    ? { kind, config, labels, baseline }
    : { kind, config, labels };
  const shapes = shapesOf(spec);
  const backbone = gpt2Shapes(config);
  const head = new Map([...shapes].filter(([name]) => !backbone.has(name)));
  const initial = new Map([
    ...await readParameters(folder, backbone),
    ...initialize(head, config.layers, new Random(run.seed ?? 0, "head")),
  ]);
  const tokenizer = await loadTokenizer(base);
  const source = { base: await fileId(folder.weights.path) };
  return await runTraining(
    {
      spec,
      objective: spec.kind !== "arm"
        ? radObjective(config, radHeadOf(spec), { published })
        : armObjective(config, armHeadOf(spec), {
          teacher: teacher?.rewards,
          regularizer,
          published,
        }),
      initial,
      examples: encodeTexts(tokenizer, data.texts, config.positions - 1, data.labels),
      inputs: {
        ...source,
        teacher: teacherFolder && await fileId((await openModelFolder(teacherFolder)).weights.path),
        regularizer,
        published,
      },
      tokenizer: base,
      label: kind === "rad" ? "RAD" : teacher ? "ARM, distilled" : "ARM",
    },
    run,
    device,
  );
}

/** The SHA-256 of a file, by which a resumed run knows that it is the same. */
async function fileId(path: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(path));
  return [...new Uint8Array(digest).slice(0, 8)].map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}
