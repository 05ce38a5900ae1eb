import { join } from "node:path";
import { type LabelledTexts, readLabelledTexts } from "../../data/labelled_texts.ts";
import { readTexts } from "../../data/texts.ts";
import { readTokenizedTexts } from "../../data/tokenized_texts.ts";
import type { CheckpointKind } from "../../methods/checkpoint_names.ts";
import { importCheckpoint } from "../../methods/import_checkpoint.ts";
import { defineStage, type Json, type Stage, type StageNeeds } from "../../stages/stage.ts";
import type { RewardKind } from "../../methods/reward_model_options.ts";
import { trainLanguageModelOnLabel } from "../../train/train_language_model_on_label.ts";
import { trainLanguageModel } from "../../train/train_language_model.ts";
import { trainRewardModel } from "../../methods/train_reward_model.ts";
import type { RunOptions } from "../../train/training_options.ts";
import { files } from "./files.ts";

/** Settings of training that stages have. By these names, which are older than the options', stages are found again. */
export interface TrainingSettings
  extends Pick<RunOptions, "epochs" | "maxSteps" | "batchSize" | "seed"> {
  rate: number;
  shape?: RunOptions["schedule"];
  warmup?: number;
}

/** The options of training that a stage's settings stand for. */
export function trainingOf<Settings extends TrainingSettings & { parts?: number }>(
  { rate, shape, warmup, parts, ...others }: Settings,
) {
  return {
    ...others,
    learningRate: rate,
    schedule: shape,
    warmupSteps: warmup,
    accumulationSteps: parts,
  };
}

export interface LanguageModelSettings extends TrainingSettings {
  width: number;
  layers: number;
  heads: number;
  positions: number;
  vocabulary: number;
}

/** What is unfinished in a stage's folder goes on if it can; a stage that is finished is not made again. */
export const withinStage = { resume: true, overwrite: true, keepOptimizer: false } as const;

/** Bytes of a model's weights in float32, its tokenizer with it. */
function weightsOf({ width, layers, vocabulary }: LanguageModelSettings): number {
  return 4 * (12 * width * width * layers + vocabulary * width) + 2e6;
}

/**
 * A language model, trained from scratch on texts.
 *
 * @param tokenizer a model whose tokenizer it gets; absent: one is trained on the texts.
 * @param seconds how long training takes on 2 cores, roughly.
 */
export function languageModel(
  name: string,
  { texts, tokenizer }: { texts: Stage; tokenizer?: Stage },
  settings: LanguageModelSettings,
  seconds: number,
): Stage {
  const { vocabulary, positions, ...others } = settings;
  return defineStage({
    kind: "language-model/1",
    title: `Training ${name}`,
    settings: { ...settings } as unknown as Json,
    needs: tokenizer ? { texts, tokenizer } : { texts },
    cost: { seconds, disk: weightsOf(settings), memory: 5e8 + 5 * weightsOf(settings) },
    async make(folder, from: { texts: string; tokenizer?: string }, { device, signal }) {
      await trainLanguageModel(await readTexts([join(from.texts, files.texts)]), device, {
        ...trainingOf(others),
        contextLength: positions,
        ...(from.tokenizer ? { tokenizer: from.tokenizer } : { vocabularySize: vocabulary }),
        out: folder,
        ...withinStage,
        signal,
        label: name,
      });
    },
  });
}

export interface LabelledWriterSettings extends TrainingSettings {
  method: "dapt" | "ctrl";
  /** The column of the texts that is the label, and whether texts without it are to be written. */
  label: string;
  inverse: boolean;
}

/** A language model that goes on from the base to write texts with a label by itself. */
export function labelledWriter(
  name: string,
  { texts, base }: { texts: Stage; base: Stage },
  settings: LabelledWriterSettings,
  seconds: number,
): Stage {
  return defineStage({
    kind: "labelled-writer/1",
    title: `Training ${name}`,
    settings: { ...settings } as unknown as Json,
    needs: { texts, base },
    cost: { seconds, disk: base.cost.disk, memory: base.cost.memory },
    async make(folder, from, { device, signal }) {
      const data = await readLabelledTexts([join(from.texts, files.texts)], {
        labels: [settings.label],
        missing: "skip",
      });
      await trainLanguageModelOnLabel(data, device, {
        ...trainingOf(settings),
        init: from.base,
        out: folder,
        ...withinStage,
        signal,
      });
    },
  });
}

export interface RewardModelSettings extends TrainingSettings {
  kind: RewardKind;
  /** Columns of the texts that are labels. */
  labels: readonly string[];
  baseline?: boolean;
  regularizer?: number;
  codes?: readonly [string, string];
  generativeWeight?: number;
  /** `all`: the head alone trains, on hidden states that are read once, and steers on those of the base. Default: all trains. */
  trunk?: "all";
  /** Adapters of this rank train, beside the frozen weights of the base. Default: all of the model. */
  lora?: { readonly rank: number };
}

/** A reward model, trained on labelled texts or distilled from a teacher. */
export function rewardModel(
  name: string,
  { texts, base, teacher }: { texts: Stage; base: Stage; teacher?: Stage },
  settings: RewardModelSettings,
  seconds: number,
): Stage {
  const { labels, ...others } = settings;
  return defineStage({
    kind: "reward-model/1",
    title: `Training ${name}`,
    settings: { ...settings } as unknown as Json,
    needs: teacher ? { texts, base, teacher } : { texts, base },
    cost: { seconds, disk: settings.trunk ? 1e7 : base.cost.disk, memory: base.cost.memory },
    async make(folder, from: { texts: string; base: string; teacher?: string }, context) {
      const data = await readLabelledTexts([join(from.texts, files.texts)], {
        labels,
        missing: "skip",
      });
      await trainRewardModel(from.teacher ? unlabelled(data) : data, context.device, {
        ...trainingOf(others),
        base: from.base,
        teacher: from.teacher,
        out: folder,
        ...withinStage,
        signal: context.signal,
      });
    },
  });
}

/**
 * A reward model, trained on a corpus of token ids or distilled from a teacher on its texts.
 *
 * @param init a model of the same kind to go on from. Default: the base and a fresh head.
 */
export function rewardModelOnTokens(
  name: string,
  needs: { tokens: Stage; base: Stage; teacher?: Stage; init?: Stage },
  settings: Omit<RewardModelSettings, "labels"> & { parts?: number },
  cost: { seconds: number; memory: number },
): Stage {
  const given = Object.entries(needs).filter(([, need]) => need !== undefined);
  return defineStage({
    kind: "reward-model-on-tokens/1",
    title: `Training ${name}`,
    settings: { ...settings } as unknown as Json,
    needs: Object.fromEntries(given) as typeof needs & StageNeeds,
    cost: { ...cost, disk: needs.base.cost.disk },
    async make(folder, from: { [name in keyof typeof needs]: string }, { device, signal }) {
      await trainRewardModel(await readTokenizedTexts(from.tokens), device, {
        ...trainingOf(settings),
        base: from.base,
        teacher: from.teacher,
        init: from.init,
        // as in the authors' code
        ...(settings.kind === "arm" && !from.init ? { headInit: "normal" } : {}),
        out: folder,
        ...withinStage,
        signal,
      });
    },
  });
}

/** A published reward model, a PyTorch state dict, as a folder of ours. */
export function importedRewardModel(
  name: string,
  { checkpoint, base }: { checkpoint: Stage; base: Stage },
  settings: { file: string; kind: CheckpointKind; labels: readonly string[] },
): Stage {
  const { file, ...rest } = settings;
  return defineStage({
    kind: "import/1",
    title: `Importing ${name}`,
    settings,
    needs: { checkpoint, base },
    onDevice: false,
    cost: { seconds: 5, disk: base.cost.disk, memory: 3 * base.cost.disk },
    make: (folder, from) =>
      importCheckpoint({
        ...rest,
        checkpoint: join(from.checkpoint, file),
        config: from.base,
        out: folder,
      }),
  });
}

/** A student has its teacher's labels, not those of the texts. */
function unlabelled({ texts, skipped }: LabelledTexts): LabelledTexts {
  return { texts, labels: new Float32Array(0), labelNames: [], skipped };
}
