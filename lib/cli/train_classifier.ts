import { corpusNamed } from "../data/corpora/mod.ts";
import { readCorpus } from "../data/corpora/read_corpus.ts";
import { type LabelledTexts, readLabelledTexts } from "../data/labelled_texts.ts";
import type { ClassificationQuality } from "../eval/classification.ts";
import { writeClassifierFolder } from "../eval/classifier_folder.ts";
import { trainTextClassifiers } from "../eval/train_text_classifiers.ts";
import { visibleLine } from "../notebook/visible_line.ts";
import { choice, command, integer, number, positiveInteger } from "./command.ts";

/** `train classifier`. */
export const trainClassifier = command(
  "classifier",
  "Train a classifier of word n-grams, to score texts with.",
);

trainClassifier
  .usage("--data <file...> --out <dir> [options]")
  .optionsGroup("Data:")
  .requiredOption("--data <file...>", "texts with labels: .tsv, .csv, .jsonl or .parquet")
  .option("--label <name...>", 'columns of labels, from 0 to 1 (default: "label")')
  .option("--text <name>", 'column of the text (default: "text" or "sentence")')
  .option("--record <name...>", "nested records of .jsonl files that each hold a text")
  .addOption(
    choice("--missing <what>", "a row without a text or label (default: error)", ["error", "skip"]),
  )
  .option("--corpus <name>", "the files are of this corpus, with its text and labels")
  .option("--rows <n>", "with --corpus: read so many texts from the beginning", positiveInteger)
  .requiredOption("--out <dir>", "folder for the classifier")
  .optionsGroup("Classifier:")
  .option("--order <n>", "longest n-gram, in words", positiveInteger, 2)
  .option("--l2 <x>", "penalty of large weights", number({ min: 1e-9 }), 0.05)
  .option(
    "--hold-out <share>",
    "share of the texts kept for evaluation",
    number({ min: 0, max: 0.9 }),
    0.1,
  )
  .option("--seed <n>", "seed that chooses them", integer({ min: 0 }), 0)
  .addHelpText(
    "after",
    `
Score generations with it:
  deno task train classifier --data sst2/train.tsv --out models/sentiment
  deno task score --scorer models/sentiment --in generations.jsonl --out scores.jsonl`,
  )
  .action(async (options, self) => {
    const { data, label, text, record, missing, corpus, rows, out, order, l2, holdOut, seed } =
      options;
    for (const [option, given] of Object.entries({ label, text, record, missing })) {
      if (corpus !== undefined && given !== undefined) {
        self.error(`error: option '--${option}' cannot be used with --corpus, which decides it`);
      }
    }
    if (rows !== undefined && corpus === undefined) {
      self.error("error: option '--rows' goes with --corpus");
    }
    const labelled: LabelledTexts = corpus === undefined
      ? await readLabelledTexts(data, { textColumn: text, labels: label, records: record, missing })
      : await readCorpus(corpusNamed(corpus), data, { limit: rows });
    if (labelled.skipped > 0) {
      console.log(`${labelled.skipped} rows without a text or label were left out.`);
    }
    const classifiers = trainTextClassifiers(labelled, {
      order,
      l2,
      holdOut,
      seed,
      onLabel: ({ label, heldOut }) => console.log(`${visibleLine(label)}: ${told(heldOut)}`),
    });
    await writeClassifierFolder(out, classifiers);
    console.log(`The classifier is in '${out}'.`);
  });

function told(heldOut: ClassificationQuality | undefined): string {
  if (heldOut === undefined) return "trained";
  const { texts, positives, accuracy, auc } = heldOut;
  const area = Number.isNaN(auc) ? "all are of one class" : `AUC ${auc.toFixed(4)}`;
  return `accuracy ${accuracy.toFixed(4)}, ${area}, on ${texts} held-out texts ` +
    `(${(100 * positives).toFixed(1)} % of class 1)`;
}
