import { join } from "node:path";
import { cast, gather, mul, reduceSum, unsqueeze } from "../../../lib/graph/ops/mod.ts";
import { compile } from "../../../lib/graph/program.ts";
import { constant, input } from "../../../lib/graph/tensor.ts";

/** The words that the tiny classifier knows, and what each adds to the logits of NEGATIVE and POSITIVE. */
export const tinyWords: Readonly<Record<string, readonly [negative: number, positive: number]>> = {
  "[PAD]": [50, -50], // would be seen if the mask were not
  "[UNK]": [0, 0],
  "[CLS]": [0.5, 0],
  "[SEP]": [0, 0.25],
  good: [-1, 1.5],
  bad: [2, -1],
  film: [0.1, 0.2],
  ".": [0, 0],
};

const maxLength = 12;

/** What the tiny classifier gives for a text: softmax, or the sigmoid of each logit. */
export function tinyScores(text: string, isMultiple = false): [number, number] {
  const words = (text.toLowerCase().match(/\w+|\./g) ?? []).slice(0, maxLength - 2);
  const all = ["[CLS]", ...words.map((word) => word in tinyWords ? word : "[UNK]"), "[SEP]"];
  const [negative, positive] = [0, 1].map((label) =>
    all.reduce((sum, word) => sum + tinyWords[word][label], 0)
  );
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
  if (isMultiple) return [sigmoid(negative), sigmoid(positive)];
  return [sigmoid(negative - positive), sigmoid(positive - negative)];
}

/**
 * Writes a folder as Hugging Face's optimum does for a BERT-like text classifier: `input_ids` and `attention_mask`,
 * int64 `[batch_size, sequence_length]`, to `logits`, float32 `[batch_size, 2]`.
 */
export async function writeTinyClassifier(
  folder: string,
  config: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const words = Object.keys(tinyWords);
  const shape = ["batch_size", "sequence_length"];
  const table = constant(
    "float32",
    [words.length, 2],
    words.flatMap((word) => [...tinyWords[word]]),
  );
  const mask = cast(input("attention_mask", "int64", shape), "float32");
  const rows = mul(gather(table, input("input_ids", "int64", shape)), unsqueeze(mask, [2]));
  await Deno.mkdir(join(folder, "onnx"), { recursive: true });
  const program = compile({ logits: reduceSum(rows, [1]) });
  await Deno.writeFile(join(folder, "onnx", "model.onnx"), program.portable());
  const write = (name: string, content: unknown) =>
    Deno.writeTextFile(join(folder, name), JSON.stringify(content));
  await write("config.json", {
    model_type: "distilbert",
    architectures: ["DistilBertForSequenceClassification"],
    id2label: { 0: "NEGATIVE", 1: "POSITIVE" },
    label2id: { NEGATIVE: 0, POSITIVE: 1 },
    max_position_embeddings: maxLength,
    ...config,
  });
  await write("tokenizer_config.json", {
    tokenizer_class: "DistilBertTokenizer",
    model_max_length: maxLength,
    do_lower_case: true,
    pad_token: "[PAD]",
    unk_token: "[UNK]",
    cls_token: "[CLS]",
    sep_token: "[SEP]",
  });
  const special = (content: string) => ({
    id: words.indexOf(content),
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  });
  const piece = (name: string) => ({ SpecialToken: { id: name, type_id: 0 } });
  await write("tokenizer.json", {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: ["[PAD]", "[UNK]", "[CLS]", "[SEP]"].map(special),
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: {
      type: "TemplateProcessing",
      single: [piece("[CLS]"), { Sequence: { id: "A", type_id: 0 } }, piece("[SEP]")],
      pair: [piece("[CLS]"), { Sequence: { id: "A", type_id: 0 } }, piece("[SEP]")],
      special_tokens: Object.fromEntries(
        ["[CLS]", "[SEP]"].map((name) => [
          name,
          { id: name, ids: [words.indexOf(name)], tokens: [name] },
        ]),
      ),
    },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: {
      type: "WordPiece",
      unk_token: "[UNK]",
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(words.map((word, id) => [word, id])),
    },
  });
}
