import { readTexts, textsOptions } from "../data/texts.ts";
import type { OptionTable } from "../options/option.ts";
import { decidedByInit, languageModelOptions } from "../train/language_model_options.ts";
import { trainLanguageModel } from "../train/train_language_model.ts";
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

/** `train lm`. */
export const trainLm = command(
  "lm",
  "Train a language model on texts: a GPT-2 from scratch, or any model further.",
);

trainLm
  .usage("--text <file...> --out <dir> [options]")
  .optionsGroup("Data:")
  .action(async (_, command) => {
    const { text: files = [], records, textColumn } = givenOptions(trainLm, dataOptions);
    const given = givenOptions(trainLm, languageModelOptions);
    for (const name of decidedByInit) {
      if (given.init !== undefined && given[name] !== undefined) {
        const flag = flagName(name, languageModelOptions[name]);
        command.error(`error: option '${flag}' cannot be used with --init, which decides it`);
      }
    }
    const texts: string[][] = [];
    for (const file of files) {
      const nested = /\.(jsonl|ndjson)$/i.test(file) ? records : undefined;
      texts.push(await readTexts([file], { textColumn, records: nested }));
    }
    const { out = "" } = given;
    await trainAndTell(
      out,
      chosenDevice(trainLm),
      (device, run) => trainLanguageModel(texts.flat(), device, { ...given, ...run }),
    );
  });

addFlags(trainLm, dataOptions);
addFlags(trainLm, languageModelOptions, { only: ["tokenizer", "init", "out"] });
addFlags(trainLm.optionsGroup("Model:"), languageModelOptions, {
  only: ["vocabularySize", "contextLength", "width", "layers", "heads"],
});
addTrainingFlags(trainLm, languageModelOptions);
