import type { Parser } from "./parser.ts";

/** A parser by its name; it is loaded by whoever runs it, so that no other's libraries are. */
export interface ListedParser {
  readonly name: string;
  readonly load: () => Promise<Parser>;
}

const weights = () => import("./parsers/safetensors.ts");
const pickles = () => import("./parsers/pickle.ts");
const models = () => import("./parsers/models.ts");
const tokenizers = () => import("./parsers/tokenizers.ts");
const tables = () => import("./parsers/tables.ts");
const graphs = () => import("./parsers/graphs.ts");
const answers = () => import("./parsers/answers.ts");
const archives = () => import("./parsers/archives.ts");

/** All that reads what others wrote. A new one is an entry in `tests/fuzz/parsers` and a line here. */
export const parsers: readonly ListedParser[] = [
  { name: "safetensors", load: async () => (await weights()).safetensors },
  { name: "pickle", load: async () => (await pickles()).pickle },
  { name: "state-dict", load: async () => (await pickles()).stateDict },
  { name: "gguf", load: async () => (await import("./parsers/gguf.ts")).gguf },
  { name: "model-folder", load: async () => (await models()).modelFolder },
  { name: "adapter", load: async () => (await models()).adapter },
  { name: "shards", load: async () => (await models()).shards },
  { name: "encoder", load: async () => (await models()).encoder },
  { name: "tokenizer", load: async () => (await tokenizers()).tokenizer },
  { name: "older-tokenizer", load: async () => (await tokenizers()).olderTokenizer },
  { name: "chat-template", load: async () => (await tokenizers()).chatTemplate },
  { name: "graph", load: async () => (await graphs()).graph },
  { name: "csv", load: async () => (await tables()).csv },
  { name: "tsv", load: async () => (await tables()).tsv },
  { name: "jsonl", load: async () => (await tables()).jsonl },
  { name: "parquet", load: async () => (await tables()).parquet },
  { name: "hub", load: async () => (await answers()).hub },
  { name: "package-index", load: async () => (await answers()).packageIndex },
  { name: "completions", load: async () => (await answers()).completions },
  { name: "perspective", load: async () => (await answers()).perspective },
  { name: "wheel", load: async () => (await archives()).wheel },
  { name: "source", load: async () => (await archives()).source },
];
