import { join } from "node:path";
import { corpusNamed } from "../data/corpora/mod.ts";
import { readCorpus, readCorpusOptions } from "../data/corpora/read_corpus.ts";
import {
  type LabelledTexts,
  labelledTextsOptions,
  readLabelledTexts,
} from "../data/labelled_texts.ts";
import { embedTextsOptions } from "../encoders/embed_texts.ts";
import { openEncoder } from "../encoders/open_encoder.ts";
import type { ClassificationQuality } from "../eval/classification.ts";
import { classifierFile, writeClassifierFolder } from "../eval/classifier_folder.ts";
import {
  trainEmbeddingClassifiers,
  trainEmbeddingClassifiersOptions,
} from "../eval/train_embedding_classifiers.ts";
import {
  trainTextClassifiers,
  trainTextClassifiersOptions,
} from "../eval/train_text_classifiers.ts";
import { keepFinished, outputOptions } from "../files/finished_output.ts";
import { visibleLine } from "../notebook/visible_line.ts";
import type { OptionTable } from "../options/option.ts";
import { deviceChoices } from "../runtime/device.ts";
import { choice, command, interruption } from "./command.ts";
import { openDeviceAndTell } from "./open_device.ts";
import { addFlags, flagName, givenOptions } from "./option_flags.ts";

/** `train classifier`. */
export const trainClassifier = command(
  "classifier",
  "Train a classifier of word n-grams, or of embeddings, to score texts with.",
);

const corpusOptions = { limit: readCorpusOptions.limit } as const;

const { l2, holdOut, seed, order, smoothing } = trainTextClassifiersOptions;
const nGramOptions = { order, smoothing } as const;
/** What both kinds of classifiers take. */
const classifierOptions = {
  l2: {
    ...l2,
    default: undefined,
    defaultHelp: `${l2.default}, of embeddings ${trainEmbeddingClassifiersOptions.l2.default}`,
  },
  holdOut,
  seed,
} as const;

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
addFlags(trainClassifier, classifierOptions);
writing.optionsGroup("Word n-grams:");
addFlags(trainClassifier, nGramOptions);
const embedding = writing.optionsGroup("Embeddings:")
  .option("--embeddings <dir>", "read embeddings of this encoder, and not word n-grams")
  .addOption(choice("--device <name>", "where they are computed (default: auto)", deviceChoices));
addFlags(trainClassifier, embedTextsOptions);

embedding
  .addHelpText(
    "after",
    `
Score generations with it:
  deno task train classifier --data sst2/train.tsv --out models/sentiment
  deno task score --scorer models/sentiment --in generations.jsonl --out scores.jsonl`,
  )
  .action(async ({ data, corpus, out, embeddings, device }, self) => {
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
    if (embeddings === undefined) {
      if (device !== undefined) self.error("error: option '--device' goes with --embeddings");
      const [option] = Object.keys(givenOptions(trainClassifier, embedTextsOptions));
      if (option) self.error(`error: option '${flagOf(option)}' goes with --embeddings`);
    } else {
      const [option] = Object.keys(givenOptions(trainClassifier, nGramOptions));
      if (option) self.error(`error: option '${flagOf(option)}' cannot be used with --embeddings`);
    }
    const { overwrite = false } = givenOptions(trainClassifier, outputOptions);
    await keepFinished(out, overwrite, join(out, classifierFile));
    const labelled: LabelledTexts = corpus === undefined
      ? await readLabelledTexts(data, columns)
      : await readCorpus(corpusNamed(corpus), data, { limit });
    if (labelled.skipped > 0) {
      console.log(`${labelled.skipped} rows without a text or label were left out.`);
    }
    const given = givenOptions(trainClassifier, classifierOptions);
    if (embeddings === undefined) {
      const classifiers = trainTextClassifiers(labelled, {
        ...given,
        ...givenOptions(trainClassifier, nGramOptions),
        onLabel: tell,
      });
      await writeClassifierFolder(out, classifiers);
    } else {
      await using encoder = await openEncoder(embeddings, await openDeviceAndTell(device));
      const classifiers = await trainEmbeddingClassifiers(labelled, encoder, {
        ...given,
        ...givenOptions(trainClassifier, embedTextsOptions),
        signal: interruption(),
        onLabel: tell,
      });
      await writeClassifierFolder(out, classifiers, encoder);
    }
    console.log(`The classifier is in '${out}'.`);
  });

/** The flag of an option that only one kind of classifier has. */
function flagOf(name: string): string {
  const table: OptionTable = { ...nGramOptions, ...embedTextsOptions };
  return flagName(name, table[name]);
}

function tell({ label, heldOut }: { label: string; heldOut?: ClassificationQuality }): void {
  console.log(`${visibleLine(label)}: ${told(heldOut)}`);
}

function told(heldOut: ClassificationQuality | undefined): string {
  if (heldOut === undefined) return "trained";
  const { texts, positives, accuracy, auc } = heldOut;
  const area = Number.isNaN(auc) ? "all are of one class" : `AUC ${auc.toFixed(4)}`;
  return `accuracy ${accuracy.toFixed(4)}, ${area}, on ${texts} held-out texts ` +
    `(${(100 * positives).toFixed(1)} % of class 1)`;
}
