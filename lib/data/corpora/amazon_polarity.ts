import type { Corpus } from "./corpus.ts";
import { Fields } from "./fields.ts";

/** Amazon Polarity (Zhang, Zhao and LeCun, 2015). */
export const amazonPolarity: Corpus = {
  name: "amazon-polarity",
  what: "reviews of products, negative (1 or 2 stars) or positive (4 or 5)",
  use:
    "Sentiment (section 4.2, appendix A.2): the first of two data sets for the reward model on labels, and the texts " +
    "for the distilled one. The text is `content`, without `title`; the label 0 is negative, 1 positive.",
  source: "https://huggingface.co/datasets/fancyzhx/amazon_polarity",
  kind: "labelled texts",
  labels: ["positive"],
  splits: {
    train: {
      rows: 3_600_000,
      files: ["amazon_polarity/train-*.parquet", "amazon_polarity/amazon_polarity/train-*.parquet"],
    },
    test: {
      rows: 400_000,
      files: ["amazon_polarity/test-*.parquet", "amazon_polarity/amazon_polarity/test-*.parquet"],
    },
  },
  format(path, there) {
    const columns = ["content", "label"];
    const fields = new Fields(amazonPolarity.name, path, there, columns);
    return {
      columns,
      read: (row) => ({ text: fields.text(row, "content"), labels: [fields.share(row, "label")] }),
    };
  },
};
