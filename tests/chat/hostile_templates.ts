import { ChatTemplate } from "../../lib/chat/chat_template.ts";

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

/** Prints what is said of each, how long that took, and by how many MB the heap grew. */
const messages = [{ role: "user", content: "hello ".repeat(10_000) }] as const;
for (const [what, template] of Object.entries(hostile)) {
  const began = performance.now();
  const { heapTotal } = Deno.memoryUsage();
  let said: string;
  try {
    said = new ChatTemplate(template).render(messages);
  } catch (error) {
    said = String(error);
  }
  const megabytes = (Deno.memoryUsage().heapTotal - heapTotal) / 1e6;
  console.log(
    JSON.stringify({ what, said, seconds: (performance.now() - began) / 1000, megabytes }),
  );
}
