import assert from "node:assert/strict";
import { ChatTemplate } from "../../lib/chat/chat_template.ts";
import type { ChatMessage } from "../../lib/chat/chat_message.ts";
import { printedBy } from "../printed_by.ts";

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

Deno.test("a template that asks for too much is given up soon, with little memory", async () => {
  const printed = await printedBy(new URL("hostile_templates.ts", import.meta.url));
  const outcomes = printed.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.equal(outcomes.length, 16);
  for (const { what, said, seconds, megabytes } of outcomes) {
    assert.match(said, /is given up: it |cannot be used here/, what);
    assert.ok(seconds < 20 && megabytes < 500, what);
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
