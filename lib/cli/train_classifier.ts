import { join } from "node:path";
import { corpusNamed } from "../data/corpora/mod.ts";
import { readCorpus, readCorpusOptions } from "../data/corpora/read_corpus.ts";
import {
  type LabelledTexts,
  labelledTextsOptions,
  readLabelledTexts,
} from "../data/labelled_texts.ts";
import type { ClassificationQuality } from "../eval/classification.ts";
import { classifierFile, writeClassifierFolder } from "../eval/classifier_folder.ts";
import {
  trainTextClassifiers,
  trainTextClassifiersOptions,
} from "../eval/train_text_classifiers.ts";
import { keepFinished, outputOptions } from "../files/finished_output.ts";
import { visibleLine } from "../notebook/visible_line.ts";
import { command } from "./command.ts";
import { addFlags, flagName, givenOptions } from "./option_flags.ts";

/** `train classifier`. */
export const trainClassifier = command(
  "classifier",
  "Train a classifier of word n-grams, to score texts with.",
);

const corpusOptions = { limit: readCorpusOptions.limit } as const;

const classifying = trainClassifier
  .usage("--data <file...> --out <dir> [options]")
  .optionsGroup("Data:")
  .requiredOption("--data <file...>", "texts with labels: .tsv, .csv, .jsonl or .parquet");
addFlags(trainClassifier, labelledTextsOptions);
const ofCorpus = classifying
  .option("--corpus <name>", "the files are of this corpus, with its text and labels");
addFlags(trainClassifier, corpusOptions);
const writing = ofCorpus
  .requiredOption("--out <dir>", "folder for the classifier");
addFlags(trainClassifier, outputOptions);
writing.optionsGroup("Classifier:");
addFlags(trainClassifier, trainTextClassifiersOptions);

writing
  .addHelpText(
    "after",
    `
Score generations with it:
  deno task train classifier --data sst2/train.tsv --out models/sentiment
  deno task score --scorer models/sentiment --in generations.jsonl --out scores.jsonl`,
  )
  .action(async ({ data, corpus, out }, self) => {
    const columns = givenOptions(trainClassifier, labelledTextsOptions);
    const { limit } = givenOptions(trainClassifier, corpusOptions);
    const [column] = Object.keys(columns) as (keyof typeof labelledTextsOptions)[];
    if (corpus !== undefined && column !== undefined) {
      const flag = flagName(column, labelledTextsOptions[column]);
      self.error(`error: option '${flag}' cannot be used with --corpus, which decides it`);
    }
    if (limit !== undefined && corpus === undefined) {
      self.error("error: option '--limit' goes with --corpus");
    }
    const { overwrite = false } = givenOptions(trainClassifier, outputOptions);
    await keepFinished(out, overwrite, join(out, classifierFile));
    const labelled: LabelledTexts = corpus === undefined
      ? await readLabelledTexts(data, columns)
      : await readCorpus(corpusNamed(corpus), data, { limit });
    if (labelled.skipped > 0) {
      console.log(`${labelled.skipped} rows without a text or label were left out.`);
    }
    const classifiers = trainTextClassifiers(labelled, {
      ...givenOptions(trainClassifier, trainTextClassifiersOptions),
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
