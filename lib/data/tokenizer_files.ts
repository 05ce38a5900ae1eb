import { join } from "node:path";
import type { ChatTemplate } from "../chat/chat_template.ts";
import { parseJson } from "../files/json.ts";
import { isObject, type JsonObject } from "../tokenization/json.ts";
import { chatTemplateFiles } from "../weights/side_files.ts";
import { readOlderTokenizer, usualTokens, wordPieceClasses } from "./older_tokenizer.ts";
import { notText, readUtf8 } from "./text_file.ts";

/** What the files of a folder say of a tokenizer, put together as transformers does. */
export interface TokenizerFiles {
  /** `tokenizer.json`, with the added tokens and settings of the other files. */
  readonly json: JsonObject;
  /** The id of the token that is called the end of a text, if there is one. */
  readonly eos?: number;
  /** The id of the token that is called the beginning of a text, if there is one. */
  readonly bos?: number;
  /** The id of the token that fills up rows of texts, if there is one. */
  readonly pad?: number;
  /** Whether it stands before the texts, and not behind them. */
  readonly padsLeft: boolean;
  /** The longest text in tokens, those around it included, if the files say one. */
  readonly longest?: number;
  /** Whether of a text that is too long the start is cut off, and not the end. */
  readonly cutsStart: boolean;
  /** How messages of a chat are written out, if the folder says it. */
  readonly chatTemplate?: ChatTemplate;
}

/** Vocabularies are read into an array by id; a file may not ask for a longer one than this. */
const idLimit = 2 ** 24;

/** The special tokens that files name, in transformers' order. */
const named = [
  "bos_token",
  "eos_token",
  "unk_token",
  "sep_token",
  "pad_token",
  "cls_token",
  "mask_token",
];
const namedLists = ["additional_special_tokens", "extra_special_tokens"];

/** Classes that build byte-level tokenizers anew and ask `tokenizer_config.json` alone for a blank before the text. */
const byteLevelClasses = [
  "GPT2Tokenizer",
  "GPTNeoXTokenizer",
  "Qwen2Tokenizer",
  "RobertaTokenizer",
  "CodeGenTokenizer",
];

/** The classes of models whose `tokenizer_config.json` names none. */
const classOfModel: Readonly<Record<string, string>> = {
  gpt2: "GPT2Tokenizer",
  gpt_neo: "GPT2Tokenizer",
  gptj: "GPT2Tokenizer",
  opt: "GPT2Tokenizer",
  phi: "GPT2Tokenizer",
  codegen: "GPT2Tokenizer",
  gpt_neox: "GPTNeoXTokenizer",
  qwen2: "Qwen2Tokenizer",
  qwen3: "Qwen2Tokenizer",
  roberta: "RobertaTokenizer",
  bert: "BertTokenizer",
  distilbert: "DistilBertTokenizer",
};

/**
 * Reads `tokenizer.json`, or the files of before there was one, and where they are there `tokenizer_config.json`,
 * `special_tokens_map.json`, `added_tokens.json`, the chat template and the `model_type` of `config.json`, as `AutoTokenizer` of
 * transformers 5 does.
 *
 * @throws {Error} if there is neither, or a file cannot be read.
 * @throws {SyntaxError} if a file is not JSON in UTF-8, or gives a token no proper id.
 */
export async function readTokenizerFiles(dir: string): Promise<TokenizerFiles> {
  const path = join(dir, "tokenizer.json");
  const [config = {}, map = {}, added = {}, model = {}] = await Promise.all(
    ["tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "config.json"].map(
      (file) => readJson(join(dir, file)),
    ),
  );
  const name = classOf(config, model);
  const own = await readJson(path);
  const json = own ?? await readOlderTokenizer(dir, name);
  if (json === undefined) {
    throw new Error(
      `There is no tokenizer in ${dir}: it holds no tokenizer.json; name a model folder that has one.`,
    );
  }
  checkIds(json, path);
  const declared = isObject(config.added_tokens_decoder) ? config.added_tokens_decoder : undefined;
  // files of older versions say more than tokenizer_config.json, which tells all in newer ones
  const told: JsonObject = declared ? config : { ...config, ...map };
  const isBuilt = own === undefined || isWordPiece(json, name);
  const special = isBuilt ? { ...usualTokens[name ?? ""], ...told } : told;
  const tokens = new AddedTokens(json);
  for (const [id, token] of Object.entries(declared ?? {})) tokens.put(token, Number(id));
  const names = [
    ...named.map((key) => special[key]),
    ...namedLists.flatMap((key) => Object.values(Object(special[key]))),
  ].map(contentOf);
  for (const [content, id] of Object.entries(declared ? {} : added)) {
    tokens.add(content, names.includes(content), id);
  }
  for (const name of names) tokens.add(name, true);
  const merged = { ...json, ...(tokens.all && { added_tokens: tokens.all }) };
  checkIds(merged, dir);
  return {
    json: withClass(merged, name, special),
    eos: tokens.idOf(contentOf(special.eos_token)),
    bos: tokens.idOf(contentOf(special.bos_token)),
    pad: tokens.idOf(contentOf(special.pad_token)),
    padsLeft: config.padding_side === "left",
    longest: Number.isSafeInteger(config.model_max_length)
      ? config.model_max_length as number
      : undefined,
    cutsStart: config.truncation_side === "left",
    chatTemplate: await chatTemplateIn(dir, config, special),
  };
}

/** The chat template of a folder: in a file of its own, or else in `tokenizer_config.json`, or in what processors keep. */
async function chatTemplateIn(
  dir: string,
  config: JsonObject,
  special: JsonObject,
): Promise<ChatTemplate | undefined> {
  const [jinja, json] = chatTemplateFiles.map((file) => join(dir, file));
  const specialTokens = Object.fromEntries(
    named.flatMap((name) => {
      const content = contentOf(special[name]);
      return content === undefined ? [] : [[name, content]];
    }),
  );
  // loaded here, since a model that has none needs no reader of templates
  const templateOf = async (source: string, path: string) => {
    const { ChatTemplate } = await import("../chat/chat_template.ts");
    return new ChatTemplate(source, { specialTokens, where: `'${path}'` });
  };
  const own = await readUtf8(jinja);
  if (own !== undefined) return await templateOf(own, jinja);
  const places: [string, unknown][] = [
    [join(dir, "tokenizer_config.json"), config.chat_template],
    [json, (await readJson(json))?.chat_template],
  ];
  for (const [path, said] of places) {
    if (said === undefined || said === null) continue;
    return await templateOf(usualTemplate(said, path), path);
  }
}

/** A template, or of a list of named ones that which is called "default". */
function usualTemplate(said: unknown, path: string): string {
  const usual = Array.isArray(said)
    ? said.find((entry) => isObject(entry) && entry.name === "default")?.template
    : said;
  if (typeof usual === "string") return usual;
  throw new SyntaxError(
    `${path} says a chat_template that is neither a text nor a list with one that is named "default".`,
  );
}

/** The class of transformers that reads the files. */
function classOf(config: JsonObject, model: JsonObject): string | undefined {
  return typeof config.tokenizer_class === "string"
    ? config.tokenizer_class.replace(/Fast$/, "")
    : typeof model.model_type === "string"
    ? classOfModel[model.model_type]
    : undefined;
}

function isWordPiece({ model }: JsonObject, name: string | undefined): boolean {
  return isObject(model) && model.type === "WordPiece" && wordPieceClasses.includes(name ?? "");
}

/** A special token is named by its text or by an object that has it. */
function contentOf(token: unknown): string | undefined {
  const content = isObject(token) ? token.content : token;
  return typeof content === "string" ? content : undefined;
}

/** The added tokens of `tokenizer.json`, and those that other files add to them. */
class AddedTokens {
  /** Undefined where `tokenizer.json` has none that can be read, which is said later. */
  readonly all: JsonObject[] | undefined;
  readonly #vocabulary: ReadonlyMap<string, number>;

  constructor({ model, added_tokens: added = [] }: JsonObject) {
    this.all = Array.isArray(added) ? added.filter(isObject) : undefined;
    const vocab = isObject(model) ? model.vocab : undefined;
    this.#vocabulary = new Map(
      Array.isArray(vocab)
        ? vocab.map((entry, id) => [String(Array.isArray(entry) ? entry[0] : entry), id])
        : Object.entries(isObject(vocab) ? vocab : {}) as [string, number][],
    );
  }

  idOf(content: string | undefined): number | undefined {
    if (content === undefined) return undefined;
    const token = this.all?.findLast((token) => token.content === content);
    return token ? token.id as number : this.#vocabulary.get(content);
  }

  /** Adds a token, or gives one that is there other flags. */
  put(token: unknown, id: number): void {
    if (!isObject(token) || !this.all) return;
    const at = this.all.findIndex(({ content }) => content === token.content);
    const added = { normalized: token.special !== true, ...token, id };
    if (at < 0) this.all.push(added);
    else this.all[at] = added;
  }

  /** Adds a token, unless it is among the added ones. */
  add(content: string | undefined, special: boolean, id: unknown = this.idOf(content)): void {
    if (content === undefined || content === "" || !this.all) return;
    if (this.all.some((token) => token.content === content)) return;
    this.all.push({ id: id ?? this.#next(), content, special, normalized: !special });
  }

  #next(): number {
    let next = 0;
    for (const id of this.#vocabulary.values()) next = Math.max(next, id + 1);
    for (const { id } of this.all ?? []) next = Math.max(next, id as number + 1);
    return next;
  }
}

/** What a class of transformers changes in `tokenizer.json`. */
function withClass(json: JsonObject, name: string | undefined, config: JsonObject): JsonObject {
  if (name === "LlamaTokenizer") return asLlama(json, config);
  if (isWordPiece(json, name)) return asBert(json, config);
  if (!byteLevelClasses.includes(name ?? "")) return json;
  const prefixed = config.add_prefix_space === true;
  if (name === "RobertaTokenizer") json = { ...json, ...robertaProcessing(json, config) };
  const settled = (part: unknown): unknown => {
    if (!isObject(part)) return part;
    if (part.type === "ByteLevel") return { ...part, add_prefix_space: prefixed };
    return Array.isArray(part.pretokenizers)
      ? { ...part, pretokenizers: part.pretokenizers.map(settled) }
      : part;
  };
  return { ...json, pre_tokenizer: settled(json.pre_tokenizer) };
}

/** `LlamaTokenizer` puts its own blanks before texts, unless the tokens are of bytes. */
function asLlama(json: JsonObject, config: JsonObject): JsonObject {
  const isByteLevel = JSON.stringify(json.pre_tokenizer ?? null).includes('"ByteLevel"');
  if (isByteLevel || !isObject(json.model) || json.model.type !== "BPE") return json;
  const prefixed = config.add_prefix_space !== false;
  const scheme = prefixed ? config.legacy === true ? "always" : "first" : "never";
  return {
    ...json,
    model: { ...json.model, unk_token: null, fuse_unk: true, byte_fallback: true, dropout: null },
    normalizer: null,
    pre_tokenizer: { type: "Metaspace", replacement: "▁", prepend_scheme: scheme, split: false },
    decoder: {
      type: "Sequence",
      decoders: [
        { type: "Replace", pattern: { String: "▁" }, content: " " },
        { type: "ByteFallback" },
        { type: "Fuse" },
        ...(prefixed ? [{ type: "Strip", content: " ", start: 1, stop: 0 }] : []),
      ],
    },
  };
}

/** `BertTokenizer` takes the vocabulary alone from `tokenizer.json`. */
function asBert(json: JsonObject, config: JsonObject): JsonObject {
  const { vocab } = json.model as JsonObject;
  // what is no list, and a vocabulary that is none, is refused later
  const added = Array.isArray(json.added_tokens) ? json.added_tokens as JsonObject[] : [];
  const [unk, cls, sep] = ["unk_token", "cls_token", "sep_token"].map((key) =>
    contentOf(config[key])
  );
  const item = (token: string | undefined) => ({ SpecialToken: { id: token, type_id: 0 } });
  const idOf = (token: string | undefined) =>
    added.findLast(({ content }) => content === token)?.id ?? Object(vocab)[`${token}`];
  const special = Object.fromEntries(
    [cls, sep].map((token) => [token, { id: token, ids: [idOf(token)], tokens: [token] }]),
  );
  return {
    ...json,
    model: { type: "WordPiece", vocab, unk_token: unk },
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: config.tokenize_chinese_chars ?? true,
      strip_accents: config.strip_accents ?? null,
      lowercase: config.do_lower_case ?? true,
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: {
      type: "TemplateProcessing",
      single: [item(cls), { Sequence: { id: "A", type_id: 0 } }, item(sep)],
      special_tokens: special,
    },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
  };
}

/** `RobertaTokenizer` puts its own tokens around texts. */
function robertaProcessing(json: JsonObject, config: JsonObject): JsonObject {
  const tokens = new AddedTokens(json);
  const [cls, sep] = ["cls_token", "sep_token"].map((key) => {
    const content = contentOf(config[key]);
    return [content, tokens.idOf(content)];
  });
  if (cls[1] === undefined || sep[1] === undefined) return {};
  return { post_processor: { type: "RobertaProcessing", cls, sep } };
}

/** The JSON object in a file, or undefined where there is no such file. */
async function readJson(path: string): Promise<JsonObject | undefined> {
  const text = await readUtf8(path);
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (cause) {
    throw notText(path, cause);
  }
  if (!isObject(value)) throw new SyntaxError(`${path} must hold a JSON object.`);
  return value;
}

/** Refuses ids that would make an array of vast size. */
function checkIds(tokenizerJson: JsonObject, path: string): void {
  const { model, added_tokens: added } = tokenizerJson;
  const ids: [string, unknown][] = [];
  if (isObject(model) && isObject(model.vocab)) {
    for (const entry of Object.entries(model.vocab)) ids.push(entry);
  }
  if (Array.isArray(added)) {
    for (const item of added) {
      ids.push(isObject(item) ? [String(contentOf(item)), item.id] : ["?", item]);
    }
  }
  for (const [token, id] of ids) {
    if (typeof id !== "number" || !Number.isInteger(id) || id < 0 || id >= idLimit) {
      throw new SyntaxError(
        `${path} gives the token ${JSON.stringify(token)} the id ${
          JSON.stringify(id)
        }, which must be an integer from 0 to ${idLimit - 1}.`,
      );
    }
  }
}
