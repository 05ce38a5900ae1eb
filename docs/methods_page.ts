import { fileURLToPath } from "node:url";
import { listedMethods } from "../lib/methods/listed_methods.ts";

/** The first page of docs/methods, as Markdown. */
export function methodsPage(): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const header = ["method", "next token, or text", "learns from", "calls a step", "source"];
  const rows = listedMethods().map((
    { kind, name, formula, learnsFrom, callsAStep, source },
  ) => [`[${name}](${kind}.md)`, formula, learnsFrom, callsAStep, source]);
  return `# Methods

<!-- Written by \`deno run -A docs/methods_page.ts\` from the lists in lib/methods/mod.ts and lib/methods/ways/mod.ts. -->

What steers, a page each: its formula, what it learns from, what a step costs, when to choose it.
Most are reward models and go through one interface: given prefixes and candidates a model gives scores, and a rule
says what the scores add to the base model's logits $z$. \`deno task methods\` prints this list.

${line(header)}
${line(header.map(() => "---"))}
${rows.map(line).join("\n")}

Calls a step are tokens of one text that go through backbones beside the base model's for one new token.
Reward models with a backbone also steer base models [of another tokenizer](../another-tokenizer.md), at more
calls a step; DExperts do not.

## The charts

Every chart shows a method beside an ARM: control (how probable it is that a text is positive)
against fluency (perplexity), one point a strength $\\beta$, with 95 % intervals over prompts. They
are measured in the _small world_, a probabilistic grammar that knows both exactly; all models are
of width 128 with 2 layers, trained on its 20,000 texts with exact labels: 100 prompts, 10
continuations each, $k = 20$. With models this small the intervals of most points overlap: the
charts show how a method behaves as $\\beta$ grows, and are no ranking. The README has the
comparisons on real text.

[charts.ts](charts.ts) and [writers.ts](writers.ts) train, steer, and write the charts and their numbers,
[points.csv](points.csv): \`deno run -A docs/methods/charts.ts\`.
`;
}

if (import.meta.main) {
  await Deno.writeTextFile(
    fileURLToPath(new URL("methods/README.md", import.meta.url)),
    methodsPage(),
  );
}
