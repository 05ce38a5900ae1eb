import type { Corpus } from "./corpus.ts";
import { Fields } from "./fields.ts";

/** How many continuations of each prompt were judged. */
const continuations = 25;

/** The OpenWebText sentiment prompts (Liu et al., 2021). */
export const openWebTextSentimentPrompts: Corpus = {
  name: "openwebtext-sentiment-prompts",
  what: "beginnings of sentences from the web, sorted by the sentiment of GPT-2's continuations",
  use:
    "Sentiment (section 4.2): prompts are continued 25 times, steered towards positive text; the paper reports negative " +
    "and neutral prompts. All rows are used; the prompt is `prompt.text`. The label is `num_positive` / 25, the share of " +
    "GPT-2-Large's continuations that were positive.",
  source: "sentiment_prompts-10k of https://github.com/alisawuffles/DExperts",
  kind: "prompts",
  labels: ["positive_continuations"],
  splits: {
    negative: { rows: 2500, files: ["prompts/negative.jsonl", "prompts/negative_prompts.jsonl"] },
    neutral: { rows: 5000, files: ["prompts/neutral.jsonl", "prompts/neutral_prompts.jsonl"] },
    positive: { rows: 2500, files: ["prompts/positive.jsonl", "prompts/positive_prompts.jsonl"] },
  },
  format(path, there) {
    const columns = ["prompt.text", "num_positive"];
    const fields = new Fields(openWebTextSentimentPrompts.name, path, there, columns);
    return {
      columns,
      read: (row) => ({
        text: fields.text(row, "prompt.text"),
        labels: [fields.number(row, "num_positive", 0, continuations) / continuations],
      }),
    };
  },
};
