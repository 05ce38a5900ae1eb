import assert from "node:assert/strict";
import { ChatTemplate } from "../../lib/chat/chat_template.ts";
import type { ChatMessage } from "../../lib/chat/chat_message.ts";

/** Templates as models have them, and what transformers' apply_chat_template makes of some chats. */
const { chats, templates, ...specialTokens }: {
  readonly chats: readonly (readonly ChatMessage[])[];
  readonly templates: readonly {
    readonly name: string;
    readonly template: string;
    readonly rendered: readonly string[];
  }[];
  readonly bos_token: string;
  readonly eos_token: string;
} = JSON.parse(await Deno.readTextFile(new URL("./cases.json", import.meta.url)));

for (const { name, template, rendered } of templates) {
  Deno.test(`chats are written out as transformers does it: ${name}`, () => {
    const made = new ChatTemplate(template, { specialTokens });
    chats.forEach((messages, i) => assert.equal(made.render(messages), rendered[i]));
  });
}

const hello: readonly ChatMessage[] = [{ role: "user", content: "hello" }];

const saidOf = (template: string, messages = hello) => {
  try {
    return new ChatTemplate(template, { where: "'model/chat_template.jinja'" }).render(messages);
  } catch (error) {
    return String(error);
  }
};

Deno.test("a template says why it refuses messages, and what is none is said to be", () => {
  assert.equal(
    saidOf("{{ raise_exception('No system, please.') }}"),
    "TypeError: The chat template of 'model/chat_template.jinja' refuses the messages: No system, please.",
  );
  assert.match(
    saidOf("{% for message in %}"),
    /^SyntaxError: The chat template of 'model\/chat_template.jinja' cannot be used here \(.+\)\.$/,
  );
  assert.match(saidOf("{{ messages|sorcery }}"), /cannot be used here \(Unknown .*sorcery\)\.$/);
  assert.match(saidOf(`{# ${"x".repeat(200_000)} #}`), /has 200006 characters, more than 200000/);
});

Deno.test("the day is Python's", () => {
  const today = new Date();
  const [day, month, year] = saidOf("{{ strftime_now('%d %B %Y') }}").split(" ");
  assert.deepEqual([Number(day), Number(year)], [today.getDate(), today.getFullYear()]);
  assert.equal(month, today.toLocaleDateString("en-US", { month: "long" }));
});

const digits = "{% set long = range(200000)|join %}";
const grown = (first: string, next: string) =>
  `{% set ns = namespace(s=${first}) %}{% for i in range(60) %}{% set ns.s = ${next} %}{% endfor %}`;

/** Templates that would never end, or fill the memory. */
const hostile: Readonly<Record<string, string>> = {
  "counts to a thousand million": "{% for i in range(1000000000) %}x{% endfor %}",
  "loops in loops, for nothing":
    "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}",
  "doubles a text": grown("'xxxxxxxx'", "ns.s + ns.s") + "{{ ns.s }}",
  "doubles a list": grown("[1]", "ns.s + ns.s") + "{{ ns.s }}",
  "doubles a list within itself": grown("[1]", "[ns.s, ns.s]") + "{{ ns.s }}",
  "doubles a mapping within itself": grown("{'a': 1}", "{'a': ns.s, 'b': ns.s}") + "{{ ns.s }}",
  "puts a namespace into itself": "{% set ns = namespace() %}{% set ns.a = ns %}{{ ns|tojson }}",
  "calls itself": "{% macro f() %}{{ f() }}{{ f() }}{% endmacro %}{{ f() }}",
  "joins by what is long": digits + "{{ range(200000)|join(long) }}",
  "replaces nothing by what is long": digits + "{{ long.replace('', long) }}",
  "replaces by what is long": digits + "{{ long|replace('1', long) }}",
  "indents far": "{{ range(20000)|join('\n')|indent(1000000) }}",
  "indents JSON far": "{{ [[1, 2], [3]]|tojson(indent=100000000) }}",
  "defines macros over and over": `{% for i in range(100000) %}{% macro f(x) %}${
    "{{ x }}".repeat(1000)
  }{% endmacro %}{% endfor %}`,
  "replaces what was replaced": `{{ 'a'${"|replace('a', 'aa')".repeat(60)} }}`,
  "is nested deeply": `{{ ${"(".repeat(90_000)}1${")".repeat(90_000)} }}`,
};

Deno.test("a template that asks for too much is given up soon, with little memory", () => {
  const messages = [{ role: "user", content: "hello ".repeat(10_000) }];
  for (const [what, template] of Object.entries(hostile)) {
    const began = performance.now();
    const { heapTotal } = Deno.memoryUsage();
    assert.match(saidOf(template, messages), /is given up: it |cannot be used here/, what);
    assert.ok(performance.now() - began < 20_000, what);
    assert.ok(Deno.memoryUsage().heapTotal - heapTotal < 500e6, what);
  }
});

Deno.test("a long chat is written out all the same", () => {
  const [{ template }] = templates;
  const messages = Array.from({ length: 2000 }, (_, i) => ({
    role: i % 2 === 0 ? "user" : "assistant",
    content: "Words that are said. ".repeat(50),
  }));
  assert.ok(saidOf(template, messages).length > 2_000_000);
});
