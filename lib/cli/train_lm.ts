import { readLabelledTexts } from "../data/labelled_texts.ts";
import { readTexts, textsOptions } from "../data/texts.ts";
import type { OptionTable } from "../options/option.ts";
import { labelSettings } from "../train/label_options.ts";
import { decidedByInit, languageModelOptions } from "../train/language_model_options.ts";
import { trainLanguageModel } from "../train/train_language_model.ts";
import { trainLanguageModelOnLabel } from "../train/train_language_model_on_label.ts";
import { command } from "./command.ts";
import { addFlags, flagName, givenOptions } from "./option_flags.ts";
import { addTrainingFlags, chosenDevice } from "./training_flags.ts";
import { trainAndTell } from "./training_run.ts";

/** What texts are read; `--text` are the files, and not the column as elsewhere in former days. */
const dataOptions = {
  text: {
    type: "list",
    of: { type: "text" },
    required: true,
    placeholder: "file",
    help: "texts: .txt (one a line), .tsv, .csv, .jsonl or .parquet",
  },
  ...textsOptions,
  textColumn: { ...textsOptions.textColumn, former: ["column"] },
} as const satisfies OptionTable;

/** What texts with a label are for; without a method there are texts alone. */
const labelFlags = {
  ...labelSettings,
  method: {
    type: "choice",
    of: labelSettings.method.of,
    defaultHelp: "texts need no labels",
    help: labelSettings.method.help,
  },
  label: {
    ...labelSettings.label,
    defaultHelp: "label",
    help: "column of the label that is to be written, in [0, 1]",
  },
} as const satisfies OptionTable;

/** `train lm`. */
export const trainLm = command(
  "lm",
  "Train a language model on texts: a GPT-2 from scratch, or any model further; with --method to write texts with a label.",
);

trainLm
  .usage("--text <file...> --out <dir> [options]")
  .optionsGroup("Data:")
  .action(async (_, command) => {
    const { text: files = [], records, textColumn } = givenOptions(trainLm, dataOptions);
    const given = givenOptions(trainLm, languageModelOptions);
    const { method, ...asked } = givenOptions(trainLm, labelFlags);
    for (const name of decidedByInit) {
      if (given.init !== undefined && given[name] !== undefined) {
        const flag = flagName(name, languageModelOptions[name]);
        command.error(`error: option '${flag}' cannot be used with --init, which decides it`);
      }
    }
    const [lone] = Object.keys(asked) as (keyof typeof labelFlags)[];
    if (method === undefined && lone !== undefined) {
      command.error(`error: option '${flagName(lone, labelFlags[lone])}' goes with --method only`);
    }
    if (method === "dapt" && given.init === undefined) {
      command.error(
        "error: option '--method dapt' goes on with a language model: name it with --init",
      );
    }
    if (method === "dapt" && asked.codes !== undefined) {
      command.error("error: option '--codes' goes with --method ctrl only");
    }
    const { out = "" } = given;
    const device = chosenDevice(trainLm);
    if (method !== undefined) {
      const { label = "label" } = asked;
      const data = await readLabelledTexts(files, { textColumn, records, labels: [label] });
      await trainAndTell(
        out,
        device,
        (device, run) =>
          trainLanguageModelOnLabel(data, device, { ...given, ...asked, ...run, method, label }),
      );
      return;
    }
    const texts: string[][] = [];
    for (const file of files) {
      const nested = /\.(jsonl|ndjson)$/i.test(file) ? records : undefined;
      texts.push(await readTexts([file], { textColumn, records: nested }));
    }
    await trainAndTell(
      out,
      device,
      (device, run) => trainLanguageModel(texts.flat(), device, { ...given, ...run }),
    );
  });

addFlags(trainLm, dataOptions);
addFlags(trainLm, languageModelOptions, { only: ["tokenizer", "init", "out"] });
addFlags(trainLm.optionsGroup("A label:"), labelFlags);
addFlags(trainLm.optionsGroup("Model:"), languageModelOptions, {
  only: ["vocabularySize", "contextLength", "width", "layers", "heads"],
});
addTrainingFlags(trainLm, languageModelOptions);
