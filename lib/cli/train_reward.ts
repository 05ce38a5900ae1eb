import { type LabelledTexts, readLabelledTexts } from "../data/labelled_texts.ts";
import { readTexts } from "../data/texts.ts";
import {
  foreignSettings,
  type KindSetting,
  rewardKinds,
  type RewardModelOptions,
  settingsOfKinds,
  trainRewardModel,
} from "../train/train_reward_model.ts";
import { choice, command, number } from "./command.ts";
import { trainAndTell } from "./training_run.ts";
import { addTrainingOptions, runOptionsOf, trainingValuesOf } from "./training_options.ts";

/** What the authors' code sets otherwise than the paper (golden README, "The code and the formulas", 5). */
const publishedSettings = { weightDecay: 0.01, schedule: "linear", clip: 2 } as const;

/** The options of settings that only some kinds of models have. */
const flags: Record<KindSetting, { option: string; flag: string }> = {
  init: { option: "init", flag: "--init" },
  teacher: { option: "teacher", flag: "--teacher" },
  baseline: { option: "baseline", flag: "--no-baseline" },
  regularizer: { option: "reg", flag: "--reg" },
  published: { option: "published", flag: "--published" },
  codes: { option: "codes", flag: "--codes" },
  generativeWeight: { option: "genWeight", flag: "--gen-weight" },
};

/** `train reward`. The defaults are the paper's (appendix A). */
export const trainReward = command(
  "reward",
  "Train a reward model on labelled texts, or distil an ARM from a RAD model.",
);

trainReward
  .usage("--kind <kind> --data <file...> --base <dir> --out <dir> [options]")
  .optionsGroup("Data:")
  .requiredOption("--data <file...>", "labelled texts: .tsv, .csv, .jsonl or .parquet")
  .option("--text-column <name>", 'column of the text (default: "text" or "sentence")')
  .option("--label <name...>", 'columns of the labels, in [0, 1] (default: "label")')
  .option("--record <name...>", "nested records of a .jsonl file that each hold a text and labels")
  .addOption(
    choice("--missing <what>", "rows without text or label", ["error", "skip"]).default("error"),
  )
  .requiredOption("--base <dir>", "language model that lends backbone and tokenizer")
  .requiredOption("--out <dir>", "folder for the model, its metrics and checkpoints")
  .optionsGroup("Model:")
  .addOption(
    choice("--kind <kind>", "autoregressive reward model, or another system", rewardKinds)
      .makeOptionMandatory(),
  )
  .option("--init <dir>", "reward model to go on from, of the same kind, labels and base")
  .option("--teacher <dir>", "RAD model to distil an ARM from; labels are then not read")
  .option("--no-baseline", "an ARM without the baseline of the prefix")
  .option("--reg <coefficient>", "an ARM's regularizer, 0 for none", number({ min: 0 }), 1)
  .option(
    "--published",
    "losses as in the authors' code, and its AdamW where nothing else is given: " +
      "--weight-decay 0.01 (of matrices only), --schedule linear, --clip 2",
  )
  .option(
    "--codes <word...>",
    "two words whose first tokens are a GeDi's control codes, of texts with the label and without it " +
      "(default: true false)",
  )
  .option(
    "--gen-weight <share>",
    "how much a GeDi's generative loss counts; the rest is the discriminative one's",
    number({ min: 0, max: 1 }),
    0.8,
  )
  .action(async (options, command) => {
    const isGiven = (name: string) => trainReward.getOptionValueSource(name) === "cli";
    const { data, textColumn, label, record, missing, base, out, kind, init, teacher, codes } =
      options;
    const published = options.published === true;
    const foreign = foreignSettings(kind);
    for (const name of foreign) {
      if (isGiven(flags[name].option)) {
        const kinds = settingsOfKinds[name].join(" or ");
        command.error(`error: option '${flags[name].flag}' goes with --kind ${kinds} only`);
      }
    }
    if (codes !== undefined && codes.length !== 2) {
      command.error("error: option '--codes' takes two words");
    }
    if (teacher !== undefined && label !== undefined) {
      command.error("error: option '--label' cannot be used with --teacher, which has its own");
    }
    const training = trainingValuesOf(trainReward);
    if (published && training.parts > 1) {
      command.error("error: option '--published' cannot be used with --parts above 1");
    }
    if (published) {
      for (const [name, value] of Object.entries(publishedSettings)) {
        if (!isGiven(name)) Object.assign(training, { [name]: value });
      }
    }
    const columns = { textColumn, records: record };
    const texts = teacher === undefined
      ? await readLabelledTexts(data, { ...columns, labels: label, missing })
      : unlabelled(await readTexts(data, columns));
    if (texts.skipped > 0) console.error(`Left out ${texts.skipped} rows without text or label.`);
    const settings: Pick<RewardModelOptions, KindSetting> = {
      init,
      teacher,
      baseline: options.baseline,
      regularizer: options.reg,
      published,
      codes: codes && [codes[0], codes[1]],
      generativeWeight: options.genWeight,
    };
    for (const name of foreign) delete settings[name];
    await trainAndTell(
      out,
      training.device,
      (device, run) =>
        trainRewardModel(texts, {
          kind,
          base,
          ...settings,
          decayAll: !published,
          ...runOptionsOf(training),
          ...run,
        }, device),
    );
  });

addTrainingOptions(trainReward, {
  epochs: 5,
  batch: 100,
  rate: 1e-5,
  schedule: "constant",
  warmup: 0,
});

function unlabelled(texts: string[]): LabelledTexts {
  return { texts, labels: new Float32Array(0), labelNames: [], skipped: 0 };
}
