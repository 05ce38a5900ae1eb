import type { Corpus, CorpusFormat } from "./corpus.ts";
import { Fields } from "./fields.ts";

/** Perspective's scores of a prompt, as the data set has them. */
const labels = [
  "toxicity",
  "severe_toxicity",
  "identity_attack",
  "insult",
  "threat",
  "profanity",
  "sexually_explicit",
  "flirtation",
];

function format(corpus: string, path: string, there: readonly string[]): CorpusFormat {
  const columns = ["prompt.text", ...labels.map((label) => `prompt.${label}`)];
  const fields = new Fields(corpus, path, there, columns);
  return {
    columns,
    read: (row) => ({
      text: fields.text(row, "prompt.text"),
      labels: labels.map((label) => fields.share(row, `prompt.${label}`)),
    }),
  };
}

/** RealToxicityPrompts (Gehman et al., 2020). */
export const realToxicityPrompts: Corpus = {
  name: "realtoxicityprompts",
  what: "first halves of sentences from the web, with eight scores of the Perspective API",
  use:
    "Toxicity (section 4.1): what the 10k subset was drawn from. The prompt is `prompt.text`; a score that is null is " +
    "missing.",
  source: "https://huggingface.co/datasets/allenai/real-toxicity-prompts",
  kind: "prompts",
  labels,
  splits: {
    all: { rows: 99_442, files: ["realtoxicity/prompts.jsonl", "realtoxicity/scored.jsonl"] },
  },
  format: (path, there) => format("realtoxicityprompts", path, there),
};

/** The part of RealToxicityPrompts that Liu et al. (2021) evaluate on, and after them RAD and ARM. */
export const realToxicityPrompts10k: Corpus = {
  name: "realtoxicityprompts-10k",
  what:
    "10,000 prompts of RealToxicityPrompts drawn at random from those that are not toxic themselves",
  use:
    "Toxicity (section 4.1): every prompt is continued 25 times. All rows are used, in the order of the file; the " +
    "prompt is `prompt.text`.",
  source: "nontoxic_prompts-10k.jsonl of https://github.com/alisawuffles/DExperts",
  kind: "prompts",
  labels,
  splits: { all: { rows: 10_000, files: ["realtoxicity/nontoxic_prompts-10k.jsonl"] } },
  format: (path, there) => format("realtoxicityprompts-10k", path, there),
};
