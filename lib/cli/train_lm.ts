import { Option } from "@commander-js/extra-typings";
import { readTexts } from "../data/texts.ts";
import { decidedByInit, languageModelOptions } from "../train/language_model_options.ts";
import { trainLanguageModel } from "../train/train_language_model.ts";
import { command } from "./command.ts";
import { addFlags, flagName, givenOptions } from "./option_flags.ts";
import { addTrainingFlags, chosenDevice } from "./training_flags.ts";
import { trainAndTell } from "./training_run.ts";

/** `train lm`. */
export const trainLm = command(
  "lm",
  "Train a language model on texts: a GPT-2 from scratch, or any model further.",
);

trainLm
  .usage("--text <file...> --out <dir> [options]")
  .optionsGroup("Data:")
  .requiredOption("--text <file...>", "texts: .txt (one a line), .tsv, .csv, .jsonl or .parquet")
  .option("--text-column <name>", 'column of the text (default: "text" or "sentence")')
  .addOption(new Option("--column <name>", "the former name of --text-column").hideHelp())
  .option("--record <name...>", "nested records of .jsonl files that each hold a text")
  .action(async (options, command) => {
    const given = givenOptions(trainLm, languageModelOptions);
    for (const name of decidedByInit) {
      if (given.init !== undefined && given[name] !== undefined) {
        const flag = flagName(name, languageModelOptions[name]);
        command.error(`error: option '${flag}' cannot be used with --init, which decides it`);
      }
    }
    const { text, textColumn, column, record } = options;
    const texts: string[][] = [];
    for (const file of text) {
      const records = /\.(jsonl|ndjson)$/i.test(file) ? record : undefined;
      texts.push(await readTexts([file], { textColumn: textColumn ?? column, records }));
    }
    const { out = "" } = given;
    await trainAndTell(
      out,
      chosenDevice(trainLm),
      (device, run) => trainLanguageModel(texts.flat(), device, { ...given, ...run }),
    );
  });

addFlags(trainLm, languageModelOptions, { only: ["tokenizer", "init", "out"] });
addFlags(trainLm.optionsGroup("Model:"), languageModelOptions, {
  only: ["vocabularySize", "contextLength", "width", "layers", "heads"],
});
addTrainingFlags(trainLm, languageModelOptions);
