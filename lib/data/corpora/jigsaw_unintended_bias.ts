import type { Corpus } from "./corpus.ts";
import { Fields } from "./fields.ts";

/** The labels that the paper trains, in the order of the authors' code, after the main one. */
const others = [
  "severe_toxicity",
  "obscene",
  "identity_attack",
  "insult",
  "threat",
  "sexual_explicit",
];

/** Jigsaw Unintended Bias in Toxicity Classification (cjadams et al., 2019). */
export const jigsawUnintendedBias: Corpus = {
  name: "jigsaw-unintended-bias",
  what:
    "comments of the Civil Comments platform, with the share of raters who saw toxicity and six kinds of it",
  use:
    "Toxicity (section 4.1): the reward model learns all seven labels, continuous in [0, 1], and toxicity alone steers. " +
    "The text is `comment_text`; toxicity is `target` in train.csv and `toxicity` in the expanded test files. Nothing " +
    "is filtered; a row without a text or label is left out. Texts are cut at the model's context.",
  source: "https://kaggle.com/competitions/jigsaw-unintended-bias-in-toxicity-classification",
  kind: "labelled texts",
  labels: ["toxicity", ...others],
  splits: {
    train: { rows: 1_804_874, files: ["jigsaw/train.csv"] },
    test_public: { rows: 97_320, files: ["jigsaw/test_public_expanded.csv"] },
    test_private: { rows: 97_320, files: ["jigsaw/test_private_expanded.csv"] },
  },
  format(path, there) {
    const main = there.includes("target") || !there.includes("toxicity") ? "target" : "toxicity";
    const columns = ["comment_text", main, ...others];
    const fields = new Fields(jigsawUnintendedBias.name, path, there, columns);
    return {
      columns,
      read: (row) => ({
        text: fields.text(row, "comment_text"),
        labels: [main, ...others].map((name) => fields.share(row, name)),
      }),
    };
  },
};
