import { fileURLToPath } from "node:url";
import { encoders } from "../lib/models/encoders.ts";
import { architectures } from "../lib/models/architectures.ts";

/** The page of the architectures that there are, as Markdown. */
export function modelsPage(): string {
  const rows = architectures.map((
    { title, modelTypes, models, classes, gguf },
  ) => [
    title,
    modelTypes.map((type) => `\`${type}\``).join(", "),
    models,
    `\`${classes.languageModel}\``,
    gguf ? `\`${gguf.name}\`` : "",
  ]);
  const encoderRows = encoders.map(({ title, modelTypes, models, classes }) => [
    title,
    modelTypes.map((type) => `\`${type}\``).join(", "),
    models,
    `\`${classes.classifier}\``,
  ]);
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return `# Models

<!-- Written by \`deno run -A docs/models_page.ts\` from the lists in lib/models/architectures.ts and lib/models/encoders.ts. -->

A model folder in the Hugging Face layout is opened by what its \`config.json\` says under \`model_type\`:

${line(["architecture", "`model_type`", "models", "class at Hugging Face", "in GGUF files"])}
${line(["---", "---", "---", "---", "---"])}
${rows.map(line).join("\n")}

Each serves as a base model, and as the backbone of every reward model: ARM, RAD, FUDGE, GeDi and DExperts. Training, resuming,
steps with a cache, one graph of base and reward models, loops, \`quantize\` and WebGPU are the same code for all of them, and
each is compared with Hugging Face's numbers: forward passes, left padding, heads, losses, gradients, optimizer steps and guided
decoding.

- Output embeddings are the input embeddings or of their own, as \`tie_word_embeddings\` says, or by default of the type. An ARM's
  e_i are the output embeddings; they are frozen, and an input embedding of its own trains. RAD and FUDGE leave output embeddings
  of their own out.
- Rotary positions are read as transformers 5 spells them (\`rope_parameters\`) and as the releases before (\`rope_theta\`,
  \`rope_scaling\`), plain, \`linear\` and \`llama3\`; \`dynamic\` ones are those of texts within the context. Others are refused.
- A setting of config.json that changes the numbers and is not supported is an error that names it.
- What is trained from scratch (\`train lm\`) is a GPT-2.

## Encoders

These read whole texts and write none. Their classifiers are scorers (\`--scorer\`), and their vectors of texts, pooled and
normalized as the \`modules.json\` of sentence-transformers says, are what \`openEncoder\`, \`embedTexts\` and
\`train classifier --embeddings\` give and read:

${line(["architecture", "`model_type`", "models", "classifier at Hugging Face"])}
${line(["---", "---", "---", "---"])}
${encoderRows.map(line).join("\n")}

- Weights are read as they were published: \`model.safetensors\` or \`pytorch_model.bin\`, whole or in several files, in float32,
  float16 or bfloat16. No ONNX file is needed.
- Tokenizers are those of \`tokenizer.json\`, or of older folders (\`vocab.txt\`, or \`vocab.json\` and \`merges.txt\`); long texts are cut off where transformers
  cuts them.
- Scores are those of transformers' pipeline: softmax, or the sigmoid of each label where \`problem_type\` is
  \`multi_label_classification\` or there is one label. \`regression\` is refused.
- Pooling is \`mean\`, \`mean_sqrt_len\`, \`max\` or \`cls\`; other kinds, and modules such as \`Dense\`, are refused.

## Your own

An architecture of your own is one object: \`defineArchitecture\` in
[lib/models/architectures.ts](../lib/models/architectures.ts), with an example in
[tests/models/define_architecture_test.ts](../tests/models/define_architecture_test.ts).
`;
}

if (import.meta.main) {
  await Deno.writeTextFile(fileURLToPath(new URL("models.md", import.meta.url)), modelsPage());
}
