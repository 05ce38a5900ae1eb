import { readTexts } from "../data/texts.ts";
import { decidedByInit, trainLanguageModel } from "../train/train_language_model.ts";
import { command, positiveInteger } from "./command.ts";
import { addTrainingOptions, runOptionsOf, trainingValuesOf } from "./training_options.ts";
import { trainAndTell } from "./training_run.ts";

/** `train lm`. */
export const trainLm = command(
  "lm",
  "Train a GPT-2 language model on texts, from scratch or from a model.",
);

trainLm
  .usage("--text <file...> --out <dir> [options]")
  .optionsGroup("Data:")
  .requiredOption("--text <file...>", "texts: .txt (one a line), .tsv, .csv, .jsonl or .parquet")
  .option("--column <name>", 'column of the text (default: "text" or "sentence")')
  .option("--record <name...>", "nested records of .jsonl files that each hold a text")
  .option("--tokenizer <dir>", "folder of a tokenizer (default: one is trained on the texts)")
  .option("--init <dir>", "language model to start from, with its tokenizer and sizes")
  .requiredOption("--out <dir>", "folder for the model, its metrics and checkpoints")
  .optionsGroup("Model:")
  .option("--vocabulary <n>", "tokens of a tokenizer that is trained", positiveInteger, 4096)
  .option("--positions <n>", "longest context, in tokens", positiveInteger, 64)
  .option("--width <n>", "width of hidden states", positiveInteger, 128)
  .option("--layers <n>", "blocks", positiveInteger, 4)
  .option("--heads <n>", "attention heads of a block", positiveInteger, 4)
  .action(async (options, command) => {
    const training = trainingValuesOf(trainLm);
    const { text, column, record, init, out } = options;
    const { tokenizer, vocabulary, positions, width, layers, heads } = options;
    for (const name of decidedByInit) {
      if (init !== undefined && trainLm.getOptionValueSource(name) === "cli") {
        command.error(`error: option '--${name}' cannot be used with --init, which decides it`);
      }
    }
    const texts: string[][] = [];
    for (const file of text) {
      const records = /\.(jsonl|ndjson)$/i.test(file) ? record : undefined;
      texts.push(await readTexts([file], { textColumn: column, records }));
    }
    await trainAndTell(
      out,
      training.device,
      (device, run) =>
        trainLanguageModel(texts.flat(), {
          ...(init === undefined
            ? { tokenizer, vocabulary, positions, width, layers, heads }
            : { init }),
          ...runOptionsOf(training),
          ...run,
        }, device),
    );
  });

addTrainingOptions(trainLm, {
  epochs: 3,
  batch: 32,
  rate: 1e-3,
  schedule: "cosine",
  warmup: 50,
});
