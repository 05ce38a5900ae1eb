import { join } from "node:path";
import { loadTokenizer } from "../../../lib/data/tokenizer.ts";
import { ChatTemplate } from "../../../lib/chat/chat_template.ts";
import type { ChatMessage } from "../../../lib/chat/chat_message.ts";
import { inFiles } from "../in_files.ts";
import type { Input, Parser, Read } from "../parser.ts";

const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const text = (content: string) => new TextEncoder().encode(content);

const read = "the film  wasn't 12 <s>[X]\n\ud800é🎬 Ｆｕｌｌ ";

/** A tokenizer may know no token for a text that it is given later. */
const refuses = ({ message }: Error) => message.startsWith("The tokenizer has no token for ");

/** Loads the tokenizer of a folder, makes ids of a text, and texts of ids. */
function openFolder(folder: string): Read {
  return inFiles(folder, async () => {
    const tokenizer = await loadTokenizer(folder);
    const ids = tokenizer.encode(read);
    if (!ids.every((id) => Number.isSafeInteger(id) && id >= 0)) {
      throw new Error(`ids ${ids} came of a text`);
    }
    for (const written of [ids, [0, 1, 2, 1e9, -1]]) {
      tokenizer.decode(written);
      tokenizer.decodeWithSpecial?.(written);
    }
    tokenizer.bytes?.(0);
    tokenizer.chatTemplate?.render([{ role: "user", content: "hello" }]);
  });
}

async function casesIn<T>(path: string): Promise<T> {
  return JSON.parse(await Deno.readTextFile(new URL(path, import.meta.url)));
}

const settings = {
  tokenizer_class: "PreTrainedTokenizerFast",
  eos_token: "</s>",
  bos_token: { content: "<s>", lstrip: false },
  additional_special_tokens: ["[X]"],
  chat_template: "{{ bos_token }}{{ messages[-1].content }}",
};

export const tokenizer: Parser = {
  title: "tokenizer.json, and what other files add to it",
  cases: 1e5,
  words: ['"type":"', '"Regex":"(', "\\\\p{", "\\ud800", '"Sequence"', "null", '"vocab":{', "▁"],
  seeds: async () => {
    const { tokenizers } = await casesIn<{ tokenizers: { tokenizer: unknown }[] }>(
      "../../tokenization/cases.json",
    );
    const classes = ["PreTrainedTokenizerFast", "GPT2Tokenizer", "LlamaTokenizer", "BertTokenizer"];
    return tokenizers.map(({ tokenizer }, i): Input => ({
      "tokenizer.json": json(tokenizer),
      "tokenizer_config.json": json({ ...settings, tokenizer_class: classes[i % classes.length] }),
      "special_tokens_map.json": json({ unk_token: "<unk>", pad_token: "[PAD]" }),
    })).filter((input) => input["tokenizer.json"].length < 10_000);
  },
  refuses,
  open: openFolder,
};

export const olderTokenizer: Parser = {
  title: "vocab.json and merges.txt, or vocab.txt",
  cases: 1e5,
  words: ["#version", " ", "\n", "Ġ", "##", "[UNK]", '":0', "\0", "__proto__"],
  seeds: (): readonly Input[] => [
    {
      "vocab.json": json(
        Object.fromEntries(
          ["<|endoftext|>", ..."abcdefghijklmnopqrstuvwxyz'Ġ", "th", "the", "Ġf"].map((
            token,
            id,
          ) => [token, id]),
        ),
      ),
      "merges.txt": text("#version: 0.2\nt h\nth e\nĠ f\n"),
      "config.json": json({ model_type: "gpt2" }),
      "added_tokens.json": json({ "[X]": 40 }),
    },
    {
      "vocab.txt": text("[PAD]\n[UNK]\n[CLS]\n[SEP]\nthe\nfilm\n##s\n12\n'\nt\nwas\n##n\n"),
      "tokenizer_config.json": json({ tokenizer_class: "BertTokenizer", eos_token: "[SEP]" }),
      "added_tokens.json": json({}),
    },
  ],
  refuses,
  open: openFolder,
};

const chat: readonly ChatMessage[] = [
  { role: "system", content: "Be brief." },
  { role: "user", content: " hello {{ 1 }} " },
  { role: "assistant", content: "<think>\nx\n</think>\n\nyes" },
  { role: "user", content: "why?" },
];

/** What templates are made of. */
const words = [
  ..."{% if %}|{% else %}|{% endif %}|{% for m in messages %}|{% endfor %}|{{|}}|{%|%}|{%-|-%}|{#|#}"
    .split(
      "|",
    ),
  ...["messages", "message['content']", "namespace(a=1)", "{% set ns.a = ns %}", "range(100000)"],
  ...[
    "loop.index0",
    "raise_exception('no')",
    "strftime_now('%d')",
    "|tojson(indent=9)",
    "|join('x')",
  ],
  ...[
    "|replace('', 'aaaa')",
    "|trim",
    "|length",
    "|list",
    "|string * 1000",
    ".split('e')",
    "[::-1]",
  ],
  ...["[1:]", "[-1]", " + ", " ~ ", " * ", " in ", " is defined", " is not none", " and ", "not "],
  ...[
    "{% macro f(x) %}",
    "{% endmacro %}",
    "{{ f(f) }}",
    "(".repeat(500),
    "[",
    "'",
    '"',
    "__proto__",
  ],
  ...[
    "constructor",
    ".constructor('return 1')()",
    ".items()",
    "|map(attribute='a')",
    "|selectattr('a')",
  ],
];

export const chatTemplate: Parser = {
  title: "a chat template in Jinja",
  cases: 1e5,
  words,
  seeds: async () => {
    const { templates } = await casesIn<{ templates: { template: string }[] }>(
      "../../chat/cases.json",
    );
    return templates.map(({ template }) => ({ "chat_template.jinja": text(template) }));
  },
  open: (folder) => {
    const where = `'${join(folder, "chat_template.jinja")}'`;
    const specialTokens = { bos_token: "<s>", eos_token: "</s>" };
    return (input) => {
      const source = new TextDecoder().decode(input["chat_template.jinja"]);
      const written = new ChatTemplate(source, { specialTokens, where }).render(chat);
      if (typeof written !== "string") throw new Error(`it makes ${typeof written}`);
    };
  },
};
