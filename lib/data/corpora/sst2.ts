import type { Corpus } from "./corpus.ts";
import { Fields } from "./fields.ts";

/** The Stanford Sentiment Treebank with two classes (Socher et al., 2013), as GLUE has it. */
export const sst2: Corpus = {
  name: "sst2",
  what: "phrases of movie reviews, negative or positive",
  use:
    "Sentiment (section 4.2, appendix A.2): the second of two data sets for the reward model on labels, five epochs. " +
    "The text is `sentence` without the blank at its end (the authors' code cuts off the last character, which is that " +
    "blank); the label 0 is negative, 1 positive. Rows labelled −1, which are GLUE's hidden test labels, count as " +
    "without a label.",
  source: "https://huggingface.co/datasets/stanfordnlp/sst2",
  kind: "labelled texts",
  labels: ["positive"],
  splits: {
    train: {
      rows: 67_349,
      files: ["sst2/train-*.parquet", "sst2/data/train-*.parquet", "sst2/train.tsv"],
    },
    validation: {
      rows: 872,
      files: ["sst2/validation-*.parquet", "sst2/data/validation-*.parquet", "sst2/dev.tsv"],
    },
    test: { rows: 1821, files: ["sst2/test-*.parquet", "sst2/data/test-*.parquet"] },
  },
  format(path, there) {
    const columns = ["sentence", "label"];
    const fields = new Fields(sst2.name, path, there, columns);
    return {
      columns,
      read(row) {
        const label = fields.number(row, "label", -1, 1);
        return {
          text: fields.text(row, "sentence")?.trimEnd() || undefined,
          labels: [label < 0 ? NaN : label],
        };
      },
    };
  },
};
